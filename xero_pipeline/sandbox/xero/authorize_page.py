"""The page where a user chooses an organisation and allows an app in, or does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from string import Template

PAGE = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Allow access to Xero (sandbox)</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 30rem; margin: 3rem auto; padding: 0 1rem; color: #1f2933; }
  label { display: block; padding: .5rem 0; }
  button { font: inherit; padding: .5rem 1.25rem; margin: 1rem .5rem 0 0; border: 1px solid #0b6e99; border-radius: .3rem; }
  button[value=allow] { background: #0b6e99; color: #fff; }
  button[value=deny] { background: #fff; color: #0b6e99; }
  ul { color: #52606d; font-size: .9rem; }
</style>
<h1>$app wants access</h1>
<p>This is the local sandbox: no real organisation is involved.</p>
<form method="post" action="/identity/connect/authorize">
$hidden
<fieldset>
<legend>Select an organisation</legend>
$choices
</fieldset>
<p>It asks for:</p>
<ul>
$scopes
</ul>
<button type="submit" name="decision" value="allow">Allow access</button>
<button type="submit" name="decision" value="deny">Cancel</button>
</form>
</html>
""")


def authorize_page(app: str, tenants: Iterable[tuple[str, str]], scope: str, carried: Mapping[str, str]) -> str:
    """The page for an app's name, (tenant id, name) pairs of which the first is chosen, and the request's own parameters."""
    return PAGE.substitute(
        app=escape(app),
        choices="\n".join(
            f'<label><input type="radio" name="tenant_id" value="{escape(tenant_id)}"{" checked" * (number == 0)}> '
            f"{escape(name)}</label>"
            for number, (tenant_id, name) in enumerate(tenants)
        ),
        hidden="\n".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in carried.items()
        ),
        scopes="\n".join(f"<li>{escape(one)}</li>" for one in scope.split()),
    )
