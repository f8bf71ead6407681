using System.Buffers;
using System.IO.Compression;

namespace Rookery.Platforms.Discord.Gateway;

/// <summary>
/// Undoes <c>compress=zlib-stream</c>: one zlib context for the life of the connection, and each message ends with the
/// marker of a sync flush. Source: Discord developer documentation, Gateway, transport compression.
/// </summary>
internal sealed class Inflater : IDisposable
{
    /// <summary>More than the largest guild in one message; what is longer is no message of Discord's.</summary>
    private const int MaxMessage = 64 * 1024 * 1024;

    private readonly Feed _feed = new();
    private readonly ZLibStream _zlib;
    private readonly ArrayBufferWriter<byte> _message = new(16 * 1024);

    public Inflater() => _zlib = new ZLibStream(_feed, CompressionMode.Decompress, leaveOpen: true);

    public static bool EndsMessage(ReadOnlySpan<byte> bytes) => bytes.EndsWith((ReadOnlySpan<byte>)[0x00, 0x00, 0xff, 0xff]);

    /// <summary>The message in these bytes; valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The stream is damaged, or the message too long.</exception>
    public ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> bytes)
    {
        _message.ResetWrittenCount();
        _feed.Bytes = bytes;
        while (true)
        {
            var read = _zlib.Read(_message.GetSpan(16 * 1024));
            if (read == 0)
            {
                return _message.WrittenMemory;
            }

            _message.Advance(read);
            if (_message.WrittenCount > MaxMessage)
            {
                throw new InvalidDataException("A gateway message is longer than any should be.");
            }
        }
    }

    public void Dispose()
    {
        _zlib.Dispose();
        _feed.Dispose();
    }

    /// <summary>Gives out the bytes of the current message and then says that there are no more for now.</summary>
    private sealed class Feed : Stream
    {
        public ReadOnlyMemory<byte> Bytes { get; set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, Bytes.Length);
            Bytes.Span[..count].CopyTo(buffer);
            Bytes = Bytes[count..];
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
