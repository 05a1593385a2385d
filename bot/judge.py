"""What is made of a mention: the domain's deciders under the tables, for the flow that collects."""

from bot.domain.classify import Classifier
from bot.domain.classify.tables import Tables
from bot.domain.masking import masked
from bot.domain.mention import Mention
from bot.domain.post import Language
from bot.domain.report import Risk, Suggestion
from bot.domain.safety import risk_in, risk_of
from bot.domain.wishes import OptOut, opt_out
from bot.ports.judging import Wish


class TableJudge:
    """Sees words and says what they mean, by tables alone; the same words have the same meaning always."""

    def __init__(self, tables: Tables, own_handles: frozenset[str]) -> None:
        self._tables = tables
        self._classifier = Classifier(tables)
        self._own_handles = own_handles

    def risk_of(self, mention: Mention) -> Risk:
        """Whether its writer may be where speaking to us is a crime."""
        risk, _ = risk_of(mention, self._tables)
        if risk is Risk.AT_RISK or not mention.beside:
            return risk
        beside = risk_in(mention.beside, mention.language, self._tables).risk
        return beside if beside is not Risk.NONE else risk

    def opt_out(self, text: str) -> Wish:
        """What a text asks of us."""
        wish = opt_out(text, self._tables)
        return Wish(stop=wish is OptOut.STOP, no_boost=wish is not OptOut.NONE)

    def classify(self, text: str, language: Language | None) -> Suggestion:
        """Whether a text is a report, and of what."""
        return self._classifier.classify(text, language)

    def masked(self, text: str) -> str:
        """A text without what names or reaches other people."""
        return masked(text, self._own_handles)
