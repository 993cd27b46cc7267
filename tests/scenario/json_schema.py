# SPDX-License-Identifier: Apache-2.0
"""As much of JSON Schema as openapi.json uses; an unknown word in a schema is an error."""
import re

IGNORED = {"description", "format", "example", "examples", "title"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def check_object(document, schema, value, where):
    known = schema.get("properties", {})
    found = ["%s: '%s' is missing" % (where, key) for key in schema.get("required", []) if key not in value]
    others = schema.get("additionalProperties", True)
    for key, item in value.items():
        place = "%s.%s" % (where, key)
        if key in known:
            found += complaints(document, known[key], item, place)
        elif others is False:
            found.append("%s is not described" % place)
        elif isinstance(others, dict):
            found += complaints(document, others, item, place)
    if len(value) < schema.get("minProperties", 0):
        found.append("%s has too few members" % where)
    if len(value) > schema.get("maxProperties", len(value)):
        found.append("%s has too many members" % where)
    return found


def complaints(document, schema, value, where="$"):
    """What is wrong with a value, as a list of sentences."""
    if "$ref" in schema:
        target = document
        for key in schema["$ref"].split("/")[1:]:
            target = target[key]
        return complaints(document, target, value, where)
    unknown = set(schema) - IGNORED - {"type", "properties", "required", "additionalProperties", "items", "enum", "minimum",
                                       "maximum", "pattern", "minProperties", "maxProperties"}
    if unknown:
        return ["the schema of %s has %s" % (where, sorted(unknown))]
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_type(value, name) for name in types):
        return ["%s is no %s: %r" % (where, " or ".join(types), value)]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append("%s is %r, none of %s" % (where, value, schema["enum"]))
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append("%s is out of range: %d" % (where, value))
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append("%s does not match: %r" % (where, value))
    if isinstance(value, list):
        for i, item in enumerate(value):
            found += complaints(document, schema.get("items", {}), item, "%s[%d]" % (where, i))
    if isinstance(value, dict):
        found += check_object(document, schema, value, where)
    return found
