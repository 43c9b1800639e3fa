SkipObject = KeyboardInterrupt


class ip_address:
    def __init__(self, address):
        parts = address if type(address) is tuple else _cs_parse_address(str(address))
        self._value = parts[0]
        self._text = parts[1]
        self.version = parts[2]
        self.is_private = parts[3]
        self.is_global = parts[4]
        self.is_loopback = parts[5]
        self.is_link_local = parts[6]
        self.is_multicast = parts[7]
        self.is_unspecified = parts[8]
        self.compressed = parts[1]

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"ip_address('{self._text}')"

    def __eq__(self, other):
        return isinstance(other, ip_address) and self.version == other.version and self._value == other._value

    def __hash__(self):
        return hash(self._value)


class ip_network:
    def __init__(self, address, strict=True):
        parts = _cs_parse_network(str(address), strict)
        self._first = parts[0]
        self._last = parts[1]
        self._text = parts[2]
        self.version = parts[3]
        self.prefixlen = parts[4]

    def __contains__(self, address):
        if not isinstance(address, ip_address):
            raise TypeError("only an ip_address can be in an ip_network: write ip_address(...) in ip_network(...)")
        return self.version == address.version and self._first <= address._value <= self._last

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"ip_network('{self._text}')"


def list_flatten(value):
    if isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            return item
        return None
    return value


def delete_none_values(value):
    return {key: item for key, item in value.items() if item is not None}


def ak_obj_attr(obj, key, fallback=None):
    value = obj.attributes.get(key)
    return fallback if value is None else value


def _cs_get(holder, key):
    if type(holder) is dict or not hasattr(holder, "_cs_id"):
        return holder[key]
    return holder.cs_get_item(key)


def _cs_in(key, holder):
    if type(holder) is dict or not hasattr(holder, "_cs_id"):
        return key in holder
    return holder.cs_contains(key)


def _cs_del_item(holder, key):
    holder.pop(key)


def _cs_set_item(holder, key, value):
    if type(holder) is dict or not hasattr(holder, "_cs_id"):
        holder[key] = value
    else:
        holder.cs_set_item(key, value)


def _cs_set_attr(holder, name, value):
    if hasattr(holder, "_cs_id"):
        holder.cs_set_attr(name, value)
    else:
        setattr(holder, name, value)


def _cs_out(result, bytes):
    kind = type(result)
    if kind is bool or result is None or kind is int:
        return result
    if kind.__name__ == "list_iterator":
        result = list(result)
    todo = [result]
    while todo:
        value = todo.pop()
        bytes -= 16
        kind = type(value)
        if kind is str:
            bytes -= len(value)
        elif value is None or kind is bool or kind is int or kind is float:
            pass
        elif isinstance(value, dict):
            bytes -= 32 * len(value)
            if bytes > 0:
                for key in value:
                    todo.append(key)
                    todo.append(value[key])
        elif isinstance(value, (list, tuple, set, frozenset)):
            bytes -= 16 * len(value)
            if bytes > 0:
                todo.extend(value)
        elif hasattr(value, "_cs_id"):
            pass
        elif kind.__name__ not in ("datetime", "date", "ip_address", "ip_network", "UUID"):
            _cs_not_a_value(kind.__name__)
        if bytes < 0:
            _cs_result_too_large()
    return result
