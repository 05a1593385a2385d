"""Records of people, as tests need them."""

from datetime import date

from bot.domain.case import Case, CaseId, Status
from bot.domain.naming import Names
from bot.domain.problem import Source

SPELLINGS = {
    "yarashuk": ("Yarashuk", "Ярашук"),
    "fiadynich": ("Fiadynich", "Фядыніч"),
    "antusevich": ("Antusevich", "Антусевіч"),
    "berasneu": ("Berasneu", "Бераснеў"),
    "senik": ("Senik", "Сенік"),
    "sharenda-panasiuk": ("Sharenda-Panasiuk", "Шарэнда-Панасюк"),
    "mikhniuk": ("Mikhniuk", "Міхнюк"),
    "mishuk": ("Mishuk", "Мішук"),
    "malash": ("Malash", "Малаш"),
    "kukharonak": ("Kukharonak", "Кухаронак"),
    "sharakh": ("Sharakh", "Шарах"),
    "but-husaim": ("But-Husaim", "Бут-Гусаім"),
    "charkasau": ("Charkasau", "Чаркасаў"),
    "puchenia": ("Puchenia", "Пучэня"),
    "korzun": ("Korzun", "Корзун"),
    "bokun": ("Bokun", "Бокун"),
    "lednik": ("Lednik", "Леднік"),
}
"""Who is free, has died, or was last seen free: nobody of them may be called jailed."""

LAST_SEEN_JAILED = {
    "areshka": ("Areshka", "Арэшка", "Арешко", "Орешко"),
    "brytsikava": ("Brytsikava", "Брыцікава"),
    "kapshul": ("Kapshul", "Капшуль"),
    "shelest": ("Shelest", "Шэлест"),
    "paheryla": ("Paheryla", "Пагярыла"),
    "ablab": ("Ablab", "Аблаб"),
    "tseranevich": ("Tseranevich", "Цераневіч"),
    "zhurauka": ("Zhurauka", "Жураўка"),
    "hashnikau": ("Hashnikau", "Гашнікаў"),
    "dziuba": ("Dziuba", "Дзюба"),
    "mints": ("Mints", "Мінц"),
    "shametska": ("Shametska", "Шамецька"),
    "khanevich": ("Khanevich", "Ханевіч"),
    "zharnak": ("Zharnak", "Жарнак"),
    "chaunakou": ("Chaunakou", "Чаўнакоў"),
    "khlus": ("Khlus", "Хлус"),
}


def a_case(
    case: str = "areshka", *, spellings: tuple[str, ...] = (), first_names: tuple[str, ...] = ()
) -> Case:
    """A person's record."""
    spellings = spellings or (SPELLINGS | LAST_SEEN_JAILED)[case]
    return Case(
        id=CaseId(case),
        name=spellings[0],
        spellings=spellings,
        first_names=first_names,
        status=Status.UNKNOWN,
        evidence="a page that was read",
        verified_on=date(2026, 1, 1),
        source=Source(file=f"cases/{case}.yaml", line=1),
    )


EVERYBODY = Names(a_case(case) for case in SPELLINGS | LAST_SEEN_JAILED)
"""The names of everybody."""
