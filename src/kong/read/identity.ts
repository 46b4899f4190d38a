import { createHash, type Hash } from 'node:crypto'

/** Our own name space (RFC 9562 §5.5); ids stay the same from load to load because they follow from the natural key. */
const NAMESPACE = Buffer.from('6f1c9c5be0b74d8f9b1f2f3a7c5d0e41', 'hex')

/** A version 5 UUID of a kind of entity and its natural key. */
export function deterministicId(kind: string, key: string): string {
  const digest = createHash('sha1').update(NAMESPACE).update(`${kind}:${key}`).digest()
  digest[6] = ((digest[6] as number) & 0x0f) | 0x50
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80
  const hex = digest.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** First 32 hex digits of a SHA-256 over values, whatever the order of their members: YAML and JSON of one document hash alike. */
export function configurationHash(values: readonly unknown[]): string {
  const state: Hashing = { hash: createHash('sha256'), text: '', quoted: new Map() }
  for (const value of values) feed(value, state)
  return state.hash.update(state.text).digest('hex').slice(0, 32)
}

interface Hashing {
  readonly hash: Hash
  /** What waits to be hashed. */
  text: string
  /** Member names as JSON: documents repeat a few of them thousands of times. */
  readonly quoted: Map<string, string>
}

function feed(value: unknown, state: Hashing): void {
  if (state.text.length > 65_536) {
    state.hash.update(state.text)
    state.text = ''
  }
  if (Array.isArray(value)) {
    state.text += '['
    for (const item of value) feed(item, state)
    state.text += ']'
  } else if (typeof value === 'object' && value !== null) {
    state.text += '{'
    for (const key of Object.keys(value).sort()) {
      state.text += quote(key, state)
      feed((value as Record<string, unknown>)[key], state)
    }
    state.text += '}'
  } else {
    state.text += `${JSON.stringify(value) ?? 'null'},`
  }
}

function quote(key: string, { quoted }: Hashing): string {
  let text = quoted.get(key)
  if (text === undefined) quoted.set(key, (text = `${JSON.stringify(key)}:`))
  return text
}
