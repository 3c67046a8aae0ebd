"""The selector as HTML, from the template of the widget's build: docs/prerendered-selector.md."""

import html
import json
import re
from datetime import datetime

TEXTS = {"merchant", "description", "amount", "hosted_url", "theme", "version"}
PIECES = {"rows", "details", "description_line", "pay_button"}
SLOT = re.compile(r"\$\{(\w+)\}")


class Selector:
    """The templates of a build of the widget."""

    def __init__(self, file):
        self.file = file
        for locale in file["locales"].values():
            for layout in locale["layouts"].values():
                for name, part in layout.items():
                    known = TEXTS | PIECES if name == "html" else TEXTS
                    for text in part.values() if isinstance(part, dict) else [part]:
                        # A shopper would read a slot that is not filled.
                        if unknown := set(SLOT.findall(text)) - known:
                            raise ValueError(f"selector.json has unknown slots: {', '.join(unknown)}")

    def locale_of(self, tag):
        """Returns the template's locale for a language tag: of the whole tag, else without its last subtags."""
        names = {name.lower(): name for name in self.file["locales"]}
        subtags = tag.lower().split("-")
        while subtags:
            found = names.get("-".join(subtags)) or self.file.get("aliases", {}).get("-".join(subtags))
            if found:
                return found
            subtags.pop()
        return "en"

    def html(self, session, client_secret, api_base, locale, nonce, layout="accordion"):
        """Returns the checkout for the order page; `nonce` is that of its Content Security Policy."""
        locale = self.locale_of(locale)
        templates = self.file["locales"][locale]
        template = templates["layouts"][layout]
        element = attributes({
            "client-secret": client_secret, "api-base": api_base, "locale": locale, "layout": layout, "nonce": nonce,
            "session": json.dumps(session, ensure_ascii=False),
        })
        wallets = [wallet for wallet in session["payment_methods"] if wallet in template["rows"]]
        amount = format_amount(session["amount"], templates["amounts"])
        is_open = session["status"] == "open" and moment(session["server_time"]) < moment(session["expires_at"])
        if not is_open or session.get("payment") or not wallets or amount is None:
            return f"<open-cashier{element}></open-cashier>"
        texts = {name: html.escape(text) for name, text in {
            "merchant": session["merchant_name"], "description": session["description"], "amount": amount,
            "hosted_url": session["hosted_url"], "theme": "auto", "version": self.file["version"],
        }.items()}
        picked = "picked_" if len(wallets) == 1 else ""

        def pieces(name):
            return "".join(fill(template.get(picked + name, {}).get(wallet, ""), texts) for wallet in wallets)

        selector = fill(template["html"], texts | {
            "rows": pieces("rows"), "details": pieces("details"),
            "description_line": fill(template["description_line"], texts) if session["description"] else "",
            "pay_button": fill(template["pay_button"], texts),
        })
        style = f"<style{attributes({'nonce': nonce})}>{self.file['styles']['css']}</style>"
        return (
            f'<open-cashier{element}><template shadowrootmode="open" shadowrootdelegatesfocus>'
            f"{style}{selector}</template></open-cashier>"
        )


def format_amount(amount, patterns):
    """Formats an amount in minor units; None if there is no pattern for its currency."""
    pattern = patterns.get(amount["currency"])
    if pattern is None:
        return None
    digits = pattern["digits"]
    text = str(amount["value"]).zfill(digits + 1)
    whole = f"{int(text[:len(text) - digits]):,}".replace(",", pattern["group"])
    minor = pattern["decimal"] + text[-digits:] if digits else ""
    return pattern["prefix"] + whole + minor + pattern["suffix"]


def fill(template, slots):
    """Fills a template in one pass, so that values are not searched for slots."""
    return SLOT.sub(lambda found: slots[found[1]], template)


def attributes(values):
    return "".join(f' {name}="{html.escape(value)}"' for name, value in values.items())


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
