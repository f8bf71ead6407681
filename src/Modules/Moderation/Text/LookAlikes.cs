using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Rookery.Modules.Moderation.Text;

/// <summary>
/// Folds letters that look like Latin ones onto those. A letter and its capital always fold onto a letter and its
/// capital, so that rules which ignore case still do so in Cyrillic and Greek. Accented letters and digits that stand
/// for letters (l33t) stay: año is not ano, and 4 is a number far more often than an a.
/// </summary>
internal static class LookAlikes
{
    // Each letter is followed by the one it looks like; capitals are derived. Greek goes by its capitals, whose shapes
    // are the same: ν is n, not v.
    private const string Cyrillic = "аaвbеeкkмmнhоoрpсcтtуyхxѕsіiјjԁdԛqԝwһhӏlүyғfԍgѵvҽe";
    private const string Greek = "αaβbεeζzηhιiκkμmνnοoρpτtυyχxϲcϳj";
    private const string OtherScripts = "օoսuհhոnզqꭺaᏴbꮯcꭰdꭼeꮐgꮋhꭻjꮶkꮮlꮇmꮲpꭱrꮪsꭲtꮩvꮃwꭹyꮓz";
    private const string SmallCapitals = "ᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠvᴡwʏyᴢzɑaɡgıiȷj";
    private const string Signs = "‘'’'‛'ʼ'′'“\"”\"„\"‟\"″\"‐-‑-‒-–-—-―-−-⁃-∕/⁄/∗*ǃ!\u2800 ";

    private static readonly FrozenDictionary<int, char> Map = Make();

    public static Rune Fold(Rune rune)
    {
        if (rune.IsAscii)
        {
            return rune;
        }

        if (Map.TryGetValue(rune.Value, out var latin))
        {
            return new Rune(latin);
        }

        return Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber
            ? new Rune('0' + (int)Rune.GetNumericValue(rune))
            : rune;
    }

    private static FrozenDictionary<int, char> Make()
    {
        var map = new Dictionary<int, char>();
        var pairs = string.Concat(Cyrillic, Greek, OtherScripts, SmallCapitals) + Signs;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            var (letter, latin) = (char.ToLowerInvariant(pairs[i]), pairs[i + 1]);
            map[char.ToUpperInvariant(letter)] = char.ToUpperInvariant(latin);
            map[letter] = latin;
        }

        // White letters in black circles and squares; the white ones NFKC knows.
        for (var i = 0; i < 26; i++)
        {
            map[0x1F150 + i] = map[0x1F170 + i] = (char)('A' + i);
        }

        return map.ToFrozenDictionary();
    }
}
