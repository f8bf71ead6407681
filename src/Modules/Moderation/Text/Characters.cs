using System.Globalization;
using System.Text;

namespace Rookery.Modules.Moderation.Text;

/// <summary>Kinds of characters that disguises are made of.</summary>
internal static class Characters
{
    /// <summary>
    /// What takes no room and means nothing: format characters, controls, variation selectors, fillers.
    /// </summary>
    public static bool IsInvisible(Rune rune) => rune.Value switch
    {
        >= ' ' and <= '~' => false,
        0x34F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x3164 or 0xFFA0 => true,
        (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF) => true,
        _ =>
            Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control
                && !Rune.IsWhiteSpace(rune),
    };

    /// <summary>
    /// Marks that any letter can be decorated with. The vowel signs of other scripts are none: words need them.
    /// </summary>
    public static bool IsDiacritic(int rune) => rune is (>= 0x300 and <= 0x36F) or (>= 0x1AB0 and <= 0x1AFF)
        or (>= 0x1DC0 and <= 0x1DFF) or (>= 0x20D0 and <= 0x20FF) or (>= 0xFE20 and <= 0xFE2F);
}
