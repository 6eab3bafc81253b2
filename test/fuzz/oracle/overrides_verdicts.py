"""Reads a JSON list of overrides, prints hydra-core's verdicts; see core/src/config/hydra-oracle/overrides.py."""
import json
import sys

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import OverrideType, QuotedString

PARSER = OverridesParser.create()
ACTIONS = {OverrideType.CHANGE: 'set', OverrideType.ADD: 'add', OverrideType.FORCE_ADD: 'force', OverrideType.DEL: 'delete'}


def plain(value):
    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain_key(key): plain(item) for key, item in value.items()}
    return value


def plain_key(key):
    if key is None:
        return 'null'
    return str(key).lower() if isinstance(key, bool) else str(key)


def verdict(text):
    try:
        parsed = PARSER.parse_override(text)
        if parsed.is_sweep_override():
            return {'text': text, 'sweep': True}
        result = {'text': text, 'action': ACTIONS[parsed.type], 'key': parsed.key_or_group}
        if parsed.package is not None:
            result['package'] = parsed.package
        if parsed.value_type is not None:
            result['value'] = plain(parsed._value)
        # Numbers that JSON has no text for.
        json.dumps(result, allow_nan=False)
        return result
    except Exception:
        return {'text': text, 'error': True}


print(json.dumps([verdict(text) for text in json.load(sys.stdin)]))
