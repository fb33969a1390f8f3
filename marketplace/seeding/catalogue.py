"""What the demo sells: invented shops and goods, each with a craft to draw it by. Prices in the shop's money."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShopSeed:
    """`post` is (price of the first item, of each further one, tracked, from days, to days) to anywhere."""

    owner: str
    owner_name: str
    name: str
    country: str
    city: str
    currency: str
    about: str
    post: tuple[str, str, bool, int, int]


@dataclass(frozen=True, slots=True)
class GoodsSeed:
    owner: str
    craft: str
    seed: int
    title: str
    text: str
    price: str
    stock: int
    hs: str
    weight_g: int


SHOPS = (
    ShopSeed(
        "alice@example.com", "Alice Sharma", "Chaya Prints", "IN", "Jaipur", "INR",
        "Four tables, two dye vats and my grandmother's teak blocks. We print by hand and wash in the river water "
        "that gives Jaipur its reds.",
        ("690", "180", True, 6, 12),
    ),
    ShopSeed(
        "carmen@example.com", "Carmen Ruiz", "Taller Ocho", "MX", "Oaxaca", "MXN",
        "Eight of us share one kiln. Clay from Atzompa, wood from our own copal trees, colours ground on stone.",
        ("289", "90", True, 8, 15),
    ),
    ShopSeed(
        "haruka@example.com", "Haruka Mori", "Mori Papers", "JP", "Kyoto", "JPY",
        "Kozo fibre, cold water and patience. Paper that takes ink well and grows softer with the years.",
        ("1650", "400", True, 5, 9),
    ),
    ShopSeed(
        "emre@example.com", "Emre Aydın", "Bakır Han", "TR", "Gaziantep", "TRY",
        "Copper beaten on the anvil of my father, tinned by fire. Every pot has a number and a name.",
        ("620", "210", True, 4, 9),
    ),
    ShopSeed(
        "naledi@example.com", "Naledi Dlamini", "Thread and Bead", "ZA", "Durban", "ZAR",
        "Glass beads and telephone wire, patterns that say what words do not. Women of three villages, paid by the piece.",
        ("340", "80", True, 7, 14),
    ),
    ShopSeed(
        "somchai@example.com", "Somchai Wong", "Hill Loom", "TH", "Chiang Mai", "THB",
        "Cotton spun, dyed and woven within an hour's walk. Indigo that stays blue.",
        ("560", "150", True, 6, 12),
    ),
    ShopSeed(
        "rui@example.com", "Rui Tavares", "Oficina do Cais", "PT", "Lisbon", "EUR",
        "A workshop by the quay: olive wood, cork, oak-bark leather. Made to be mended.",
        ("7.20", "2.00", True, 2, 5),
    ),
    ShopSeed(
        "isla@example.com", "Isla Reid", "Reid and Daughter", "GB", "Edinburgh", "GBP",
        "Felt from island sheep, candles from beeswax, soap from oats. A kitchen, a garden, a post office next door.",
        ("6.90", "1.50", False, 3, 7),
    ),
)  # fmt: skip

GOODS = (
    GoodsSeed("alice@example.com", "block-print-scarf", 24, "Indigo and madder scarf",
              "Cotton voile, block-printed by hand in two dyes: indigo from the vat, madder from the pot. "
              "180 by 50 cm. Small shifts of the block are the signature of the hand.", "1900", 12, "621490", 140),
    GoodsSeed("alice@example.com", "block-print-scarf", 14, "Turmeric field scarf",
              "A warm yellow ground, printed with marigolds. Softens with every wash. 180 by 50 cm.", "2150", 8, "621490", 140),
    GoodsSeed("alice@example.com", "block-print-scarf", 15, "Night garden scarf",
              "Indigo over iron black, a garden seen by moonlight. 200 by 70 cm.", "2650", 5, "621490", 180),
    GoodsSeed("alice@example.com", "candles", 5, "Six temple candles",
              "Hand-poured in palm leaf moulds, scented with vetiver. Burn for four hours each.", "950", 20, "340600", 420),
    GoodsSeed("carmen@example.com", "glazed-vase", 3, "Salt-glazed vase, sea blue",
              "Thrown on the wheel, fired with salt: the blue runs where the flame was. 24 cm tall.", "720", 6, "691390", 1200),
    GoodsSeed("carmen@example.com", "glazed-vase", 7, "Vase, ochre and smoke",
              "Smoke from the last hours of the firing drew the clouds. 21 cm tall, no two alike.", "650", 4, "691390", 1100),
    GoodsSeed("carmen@example.com", "stoneware-cups", 14, "Four mezcal cups",
              "Small stoneware cups for a slow evening. They hold 60 ml and keep cool in the hand.", "480", 10, "691200", 620),
    GoodsSeed("carmen@example.com", "carved-animal", 3, "Coyote who listens",
              "Copal wood, carved with a knife and painted with a cactus thorn for eleven days. Signed underneath.", "1850", 1, "442090", 540),
    GoodsSeed("carmen@example.com", "carved-animal", 17, "Hare in a festival coat",
              "Copal wood, nine colours, dots within dots. 18 cm.", "1490", 2, "442090", 430),
    GoodsSeed("haruka@example.com", "paper-notebook", 6, "Kozo notebook, indigo cloth",
              "80 leaves of hand-made paper, bound with linen thread, covered in old indigo cloth. Lies flat.", "3800", 15, "482010", 310),
    GoodsSeed("haruka@example.com", "paper-notebook", 1, "Travel book, three chapters",
              "Three thin books in one cover, to be filled apart and kept together.", "2900", 9, "482010", 240),
    GoodsSeed("haruka@example.com", "tea-caddy", 12, "Cherry bark tea caddy",
              "The lid sinks by its own weight. Keeps a hundred grams of tea dry through the rains.", "6400", 4, "442090", 260),
    GoodsSeed("haruka@example.com", "stoneware-cups", 41, "Two cups for sencha",
              "White slip over dark clay, the rim left bare where lips touch it.", "5200", 6, "691200", 380),
    GoodsSeed("emre@example.com", "copper-pot", 4, "Hammered copper pot",
              "Two millimetres of copper, tinned inside. A pot for jam, for lentils and for a lifetime. 22 cm.", "3400", 5, "741980", 1900),
    GoodsSeed("emre@example.com", "brass-lamp", 9, "Pierced brass lamp",
              "Four thousand holes, punched one by one. Throws a night sky on the ceiling.", "2750", 3, "940550", 1300),
    GoodsSeed("emre@example.com", "kilim-cushion", 21, "Kilim cushion, diamond field",
              "Woven wool from an old flat rug, backed with cotton. 45 by 45 cm, cover only.", "1450", 7, "630790", 520),
    GoodsSeed("emre@example.com", "kilim-cushion", 52, "Kilim cushion, rose and cross",
              "Madder, indigo and undyed wool. The cross keeps the evil eye away, they say.", "1520", 6, "630790", 520),
    GoodsSeed("naledi@example.com", "bead-necklace", 7, "Necklace of small rivers",
              "Eleven strands of glass beads that flow together at the clasp.", "780", 6, "711790", 190),
    GoodsSeed("naledi@example.com", "bead-necklace", 26, "Sunday collar",
              "A flat collar in the colours of a wedding. Strung on waxed thread.", "920", 3, "711790", 230),
    GoodsSeed("naledi@example.com", "basket", 13, "Ilala palm basket",
              "Woven so tight that it holds water; the brown is root, the grey is smoke. 26 cm.", "640", 5, "460219", 480),
    GoodsSeed("naledi@example.com", "basket", 44, "Bread basket, two tones",
              "Low and wide, for bread or keys. Palm and grass.", "420", 8, "460219", 360),
    GoodsSeed("somchai@example.com", "handloom-throw", 9, "Indigo throw, morning stripe",
              "Handwoven cotton, three baths of indigo. 130 by 190 cm, warm enough for a verandah.", "1890", 6, "630251", 900),
    GoodsSeed("somchai@example.com", "handloom-throw", 10, "Throw in turmeric and rust",
              "Cotton dyed with roots and bark, woven in stripes that never repeat.", "2050", 4, "630251", 900),
    GoodsSeed("somchai@example.com", "block-print-scarf", 58, "Rain leaf scarf",
              "Light cotton, printed with leaves after the first rain.", "690", 9, "621490", 130),
    GoodsSeed("rui@example.com", "leather-satchel", 2, "Oak-bark satchel",
              "Vegetable-tanned leather, saddle stitched. It darkens with your hand. Fits a folder.", "148.00", 3, "420221", 1250),
    GoodsSeed("rui@example.com", "wooden-spoons", 19, "Four olive wood spoons",
              "Cut along the grain so that they never split. Oiled with linseed.", "29.50", 14, "441990", 260),
    GoodsSeed("rui@example.com", "chess-set", 10, "Harbour chess set",
              "Olive against walnut, turned on a foot lathe. The knights look seawards.", "96.00", 2, "950490", 1400),
    GoodsSeed("rui@example.com", "brass-clock", 16, "Brass pocket clock",
              "A movement of the 1950s in a new case. Wound once a day, five minutes a month off.", "210.00", 1, "910221", 180),
    GoodsSeed("isla@example.com", "felt-slippers", 20, "Island felt slippers",
              "One piece of felt, boiled until it stood by itself. Leather soles. State your size in a note.", "38.00", 10, "640419", 380),
    GoodsSeed("isla@example.com", "soap", 24, "Oat and heather soap, three bars",
              "Cold-pressed, cured for six weeks, wrapped in paper.", "12.50", 30, "340111", 330),
    GoodsSeed("isla@example.com", "candles", 47, "Beeswax tapers, a dozen",
              "Dipped forty times. They smell of the hive and do not drip.", "16.00", 18, "340600", 520),
    GoodsSeed("isla@example.com", "tea-caddy", 35, "Shortbread tin with a view",
              "Tin, printed from a drawing of the harbour. The shortbread is yours to bake.", "14.00", 12, "732393", 300),
)  # fmt: skip
