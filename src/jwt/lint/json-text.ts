/** One member name as written and as parsed. */
export interface MemberName {
  readonly written: string
  readonly name: string
}

const STRING = /"((?:[^"\\]|\\.)*)"(\s*:)?/g

/** Every member name of a JSON text, at any level, in order, escapes kept. */
export function memberNames(text: string): readonly MemberName[] {
  return [...text.matchAll(STRING)].flatMap(([, written = '', colon]) => {
    if (colon === undefined) return []
    try {
      return [{ written, name: JSON.parse(`"${written}"`) as string }]
    } catch {
      return []
    }
  })
}

/** Every number literal of a JSON text, as written. */
export function numberLiterals(text: string): readonly string[] {
  return text.replace(STRING, '""').match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? []
}

/** Every string in a value, with the path to it, names of members included as they are. */
export function* strings(value: unknown, path = ''): Generator<{ readonly path: string; readonly text: string }> {
  if (typeof value === 'string') yield { path, text: value }
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) yield* strings(inner, path === '' ? name : `${path}.${name}`)
  }
}
