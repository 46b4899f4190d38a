/**
 * Changes to a set of header fields: a removal takes every spelling of a name (case, `_` for `-`), a setting replaces.
 * Values with control characters are refused when set: no claim can start a second header.
 */
export class HeaderEdits {
  readonly #removed = new Set<string>()
  readonly #set = new Map<string, { readonly name: string; readonly values: string[] }>()

  remove(name: string): void {
    const key = canonicalName(name)
    this.#set.delete(key)
    this.#removed.add(key)
  }

  /** @returns false when the value cannot be a field value; then the field is only removed. */
  set(name: string, value: string): boolean {
    this.remove(name)
    if (!isFieldValue(value)) return false
    this.#set.set(canonicalName(name), { name, values: [toFieldBytes(value)] })
    return true
  }

  /** Adds a further field of that name (`set-cookie`). */
  append(name: string, value: string): void {
    const key = canonicalName(name)
    if (!isFieldValue(value)) return
    const entry = this.#set.get(key)
    if (entry) entry.values.push(toFieldBytes(value))
    else this.#set.set(key, { name, values: [toFieldBytes(value)] })
  }

  removes(name: string): boolean {
    return this.#removed.size > 0 && this.#removed.has(canonicalName(name))
  }

  get(name: string): readonly string[] | undefined {
    return this.#set.get(canonicalName(name))?.values
  }

  /** What is set, in the order of setting. */
  *entries(): Generator<readonly [name: string, value: string]> {
    for (const { name, values } of this.#set.values()) for (const value of values) yield [name, value]
  }
}

/** Lower case with `_`, `.` and `-` made one: what CGI-like upstreams would merge is one name here (G-24). */
export const canonicalName = (name: string): string => name.toLowerCase().replace(/[_.]/g, '-')

const isFieldValue = (value: string): boolean => !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)

/** UTF-8 bytes as the Latin-1 string that node writes byte by byte: a claim in any script arrives, and nothing throws. */
// eslint-disable-next-line no-control-regex
const toFieldBytes = (value: string): string => (/^[\u0000-\u007f]*$/.test(value) ? value : Buffer.from(value, 'utf8').toString('latin1'))
