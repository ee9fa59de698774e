r"""The names of character classes that Go knows between the braces of ``\p{...}``."""

from typing import Final

# The categories, scripts and category aliases of Go's package unicode (Unicode 15), and the
# four names that regexp/syntax adds, with a capital first and without blanks, - and _.
# Go 1.25 ignores those three; older ones insist on them, as in Old_Italic.
_NAMES: Final = """
Adlam Ahom Anatolianhieroglyphs Any Arabic Armenian Ascii Assigned Avestan Balinese Bamum
Bassavah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid C Canadianaboriginal
Carian Casedletter Caucasianalbanian Cc Cf Chakma Cham Cherokee Chorasmian Closepunctuation Cn
Cntrl Co Combiningmark Common Connectorpunctuation Control Coptic Cs Cuneiform Currencysymbol
Cypriot Cyprominoan Cyrillic Dashpunctuation Decimalnumber Deseret Devanagari Digit Divesakuru
Dogra Duployan Egyptianhieroglyphs Elbasan Elymaic Enclosingmark Ethiopic Finalpunctuation
Format Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjalagondi Gurmukhi Han Hangul
Hanifirohingya Hanunoo Hatran Hebrew Hiragana Imperialaramaic Inherited Initialpunctuation
Inscriptionalpahlavi Inscriptionalparthian Javanese Kaithi Kannada Katakana Kawi Kayahli
Kharoshthi Khitansmallscript Khmer Khojki Khudawadi L Lao Latin Lc Lepcha Letter Letternumber
Limbu Lineara Linearb Lineseparator Lisu Ll Lm Lo Lowercaseletter Lt Lu Lycian Lydian M
Mahajani Makasar Malayalam Mandaic Manichaean Marchen Mark Masaramgondi Mathsymbol Mc Me
Medefaidrin Meeteimayek Mendekikakui Meroiticcursive Meroitichieroglyphs Miao Mn Modi
Modifierletter Modifiersymbol Mongolian Mro Multani Myanmar N Nabataean Nagmundari Nandinagari
Nd Newa Newtailue Nko Nl No Nonspacingmark Number Nushu Nyiakengpuachuehmong Ogham Olchiki
Oldhungarian Olditalic Oldnortharabian Oldpermic Oldpersian Oldsogdian Oldsoutharabian
Oldturkic Olduyghur Openpunctuation Oriya Osage Osmanya Other Otherletter Othernumber
Otherpunctuation Othersymbol P Pahawhhmong Palmyrene Paragraphseparator Paucinhau Pc Pd Pe Pf
Phagspa Phoenician Pi Po Privateuse Ps Psalterpahlavi Punct Punctuation Rejang Runic S
Samaritan Saurashtra Sc Separator Sharada Shavian Siddham Signwriting Sinhala Sk Sm So Sogdian
Sorasompeng Soyombo Spaceseparator Spacingmark Sundanese Surrogate Sylotinagri Symbol Syriac
Tagalog Tagbanwa Taile Taitham Taiviet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan
Tifinagh Tirhuta Titlecaseletter Toto Ugaritic Unassigned Uppercaseletter Vai Vithkuqi Wancho
Warangciti Yezidi Yi Z Zanabazarsquare Zl Zp Zs
"""
_CANONICAL: Final = frozenset(_NAMES.split())
_IGNORED: Final = str.maketrans("", "", "_- ")


def is_unicode_class(name: str) -> bool:
    r"""Tell whether some release of Go takes ``\p{name}``; a leading ``^`` negates it."""
    plain = name.removeprefix("^").translate(_IGNORED)
    return plain.isascii() and plain.capitalize() in _CANONICAL
