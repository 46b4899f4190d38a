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
  const hash = createHash('sha256')
  const parts: string[] = []
  for (const value of values) feed(value, parts, hash)
  return hash.update(parts.join('')).digest('hex').slice(0, 32)
}

function feed(value: unknown, parts: string[], hash: Hash): void {
  if (parts.length > 4096) {
    hash.update(parts.join(''))
    parts.length = 0
  }
  if (Array.isArray(value)) {
    parts.push('[')
    for (const item of value) feed(item, parts, hash)
    parts.push(']')
  } else if (typeof value === 'object' && value !== null) {
    parts.push('{')
    for (const key of Object.keys(value).toSorted()) {
      parts.push(JSON.stringify(key), ':')
      feed((value as Record<string, unknown>)[key], parts, hash)
    }
    parts.push('}')
  } else {
    parts.push(JSON.stringify(value) ?? 'null', ',')
  }
}
