/**
 * Changes to a set of header fields: a removal takes every spelling of a name (case, `_` or `.` for `-`), a setting replaces.
 * Values with control characters are refused when set: no claim can start a second header.
 */
export class HeaderEdits {
  #removed: Set<string> | undefined
  #set: Map<string, { readonly name: string; readonly values: string[] }> | undefined

  remove(name: string): void {
    this.#removeCanonical(canonicalName(name))
  }

  /**
   * @param isPlain the value is known to be printable ASCII, as a token is whose signature was verified: looking again costs a microsecond.
   * @returns false when name or value cannot be a field; then the field is only removed.
   */
  set(name: string, value: string, isPlain = false): boolean {
    const key = canonicalName(name)
    this.#removeCanonical(key)
    const octets = isPlain ? value : toFieldOctets(value)
    if (octets === undefined || !isFieldName(name)) return false
    this.#set = (this.#set ?? new Map()).set(key, { name, values: [octets] })
    return true
  }

  /** Adds a further field of that name (`set-cookie`); what came from the other side stays. */
  append(name: string, value: string): void {
    const octets = toFieldOctets(value)
    if (octets === undefined || !isFieldName(name)) return
    const key = canonicalName(name)
    const entry = this.#set?.get(key)
    if (entry) entry.values.push(octets)
    else this.#set = (this.#set ?? new Map()).set(key, { name, values: [octets] })
  }

  #removeCanonical(key: string): void {
    this.#set?.delete(key)
    this.#removed = (this.#removed ?? new Set()).add(key)
  }

  removes(name: string): boolean {
    return this.#removed !== undefined && this.#removed.has(canonicalName(name))
  }

  /** {@link removes} for a name that is canonical already. */
  removesCanonical(key: string): boolean {
    return this.#removed !== undefined && this.#removed.has(key)
  }

  get(name: string): readonly string[] | undefined {
    return this.#set?.get(canonicalName(name))?.values
  }

  /** What is set, in the order of setting. */
  *entries(): Generator<readonly [name: string, value: string]> {
    for (const { name, values } of this.#set?.values() ?? []) for (const value of values) yield [name, value]
  }

  /** Appends what is set, in the order of setting, to an array of alternating names and values. */
  writeTo(fields: string[]): void {
    if (this.#set === undefined) return
    for (const { name, values } of this.#set.values()) for (const value of values) fields.push(name, value)
  }
}

/** Lower case with `_`, `.`, `-` and their percent escapes made one: what CGI-like upstreams would merge is one name here (G-24). */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase()
  return ALIASED.test(lower)
    ? lower
        .replace(/%([0-9a-f]{2})/g, decodeEscape)
        .toLowerCase()
        .replace(/[_.]/g, '-')
    : lower
}

const ALIASED = /[_.%]/
const decodeEscape = (_: string, digits: string): string => String.fromCharCode(Number.parseInt(digits, 16))

const isFieldName = (name: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)

const PLAIN = /^[\t\u0020-\u007e]*$/
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/

/**
 * UTF-8 octets as the Latin-1 string that node writes octet by octet: a claim in any script arrives, and nothing throws.
 * Undefined for a value with control characters, which no field may have (RFC 9110 §5.5).
 */
function toFieldOctets(value: string): string | undefined {
  if (PLAIN.test(value)) return value
  return CONTROL.test(value) ? undefined : Buffer.from(value, 'utf8').toString('latin1')
}
