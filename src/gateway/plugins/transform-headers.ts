/** `name:value` pairs and names, as both transformers list them under one action. Validated in the kong room. */
export interface HeaderLists {
  readonly headers: readonly string[]
}

export interface TransformerConfig {
  readonly remove: HeaderLists
  readonly rename: HeaderLists
  readonly replace: HeaderLists
  readonly add: HeaderLists
  readonly append: HeaderLists
}

/** Header fields as a transformer sees and changes them, whichever direction they go. */
export interface FieldSet {
  get(name: string): string | undefined
  set(name: string, value: string): void
  remove(name: string): void
}

const pair = (entry: string): readonly [name: string, value: string] => {
  const colon = entry.indexOf(':')
  return [entry.slice(0, colon), entry.slice(colon + 1).trim()]
}

/**
 * Kong's order: remove, rename, replace (what exists), add (what does not), append (another value, joined by a comma here).
 * @param render fills in templates; the identity where there are none.
 */
export function transformHeaders(fields: FieldSet, config: TransformerConfig, render: (value: string) => string): void {
  for (const name of config.remove.headers) fields.remove(name.trim())
  for (const [from, to] of config.rename.headers.map(pair)) {
    const value = fields.get(from)
    if (value === undefined) continue
    fields.remove(from)
    fields.set(to, value)
  }
  for (const [name, value] of config.replace.headers.map(pair)) if (fields.get(name) !== undefined) fields.set(name, render(value))
  for (const [name, value] of config.add.headers.map(pair)) if (fields.get(name) === undefined) fields.set(name, render(value))
  for (const [name, value] of config.append.headers.map(pair)) {
    const previous = fields.get(name)
    fields.set(name, previous === undefined ? render(value) : `${previous}, ${render(value)}`)
  }
}
