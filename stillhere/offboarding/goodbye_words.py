"""What the goodbye's page says. The answers themselves are the company's: `goodbye.yml`."""

from __future__ import annotations

from stillhere.settings.goodbye import SOMETHING_ELSE_WORDS

GOODBYE_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "What was the main reason for leaving?",
        "intro": "Thank you for having worked with {company}. One question, and your answer goes to the people who "
        "build and look after it. It changes nothing about your contract.",
        "answered": "We have an answer of yours already. If you send another one, it takes the first one's place.",
        "legend": "The main reason",
        "something_else": SOMETHING_ELSE_WORDS["en"],
        "comment": "Would you like to tell us more? (optional)",
        "comment_hint": "Please no passwords or names of others. Up to 4,000 characters.",
        "quote": "{company} may quote my words to others, without my name or my company's.",
        "send": "Send my answer",
        "problem_title": "Not sent yet",
        "choose_one": "Nothing is sent yet: please choose one of the reasons. “Something else” is among them.",
        "thanks_title": "Thank you",
        "thanks": "Your answer has arrived. All the best, and should you want to come back one day, you are welcome.",
        "change": "Change my answer",
    },
    "de": {
        "title": "Was war der wichtigste Grund, zu gehen?",
        "intro": "Danke, dass Sie mit {company} gearbeitet haben. Eine Frage, und Ihre Antwort geht an die Menschen, "
        "die daran bauen und sich darum kümmern. An Ihrem Vertrag ändert sie nichts.",
        "answered": "Wir haben schon eine Antwort von Ihnen. Wenn Sie noch eine schicken, tritt sie an deren Stelle.",
        "legend": "Der wichtigste Grund",
        "something_else": SOMETHING_ELSE_WORDS["de"],
        "comment": "Möchten Sie uns mehr erzählen? (freiwillig)",
        "comment_hint": "Bitte keine Passwörter und keine Namen anderer. Bis zu 4.000 Zeichen.",
        "quote": "{company} darf meine Worte anderen zeigen, ohne meinen Namen und den meiner Firma.",
        "send": "Antwort schicken",
        "problem_title": "Noch nicht geschickt",
        "choose_one": "Es wurde noch nichts geschickt: Bitte wählen Sie einen der Gründe. „Etwas anderes“ ist dabei.",
        "thanks_title": "Danke",
        "thanks": "Ihre Antwort ist angekommen. Alles Gute, und falls Sie eines Tages zurückkommen möchten: gern.",
        "change": "Antwort ändern",
    },
}
