using Rookery.Kernel.Security;

namespace Rookery.Kernel.Tests.Security;

public sealed class KeyRingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rookery-keys").FullName;

    private string File => Path.Combine(_folder, "keys.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_key_is_made_in_a_file_only_its_owner_reads()
    {
        var ring = KeyRing.Open(File);
        ring.Current.Key.Length.ShouldBe(32);
        System.IO.File.GetUnixFileMode(File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        KeyRing.Open(File).Current.Id.ShouldBe(ring.Current.Id);
        KeyRing.Open(File).Current.Key.ShouldBe(ring.Current.Key);
    }

    [Fact]
    public void A_rotated_ring_seals_with_the_new_key_and_still_has_the_old()
    {
        var ring = KeyRing.Open(File);
        var old = ring.Current;
        ring.Rotate();
        ring.Current.Id.ShouldNotBe(old.Id);

        var read = KeyRing.Open(File);
        read.Current.Id.ShouldBe(ring.Current.Id);
        read.Find(old.Id).ShouldBe(old.Key);
        Should.Throw<InvalidOperationException>(() => read.Find("k9")).Message.ShouldContain("k9");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"k1\": 5}")]
    [InlineData("{\"k1\": null}")]
    [InlineData("{\"k1\": \"AAAA\"}")]
    [InlineData("{\"k1\": \"no base64!\"}")]
    public void A_file_that_is_no_ring_is_refused_and_left_as_it_is(string text)
    {
        System.IO.File.WriteAllText(File, text);
        Should.Throw<InvalidOperationException>(() => KeyRing.Open(File)).Message.ShouldContain("backup");
        System.IO.File.ReadAllText(File).ShouldBe(text);
    }
}
