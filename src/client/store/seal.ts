import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scryptSync } from 'node:crypto'

/** How the text of an entry lies on disk. Opening something sealed otherwise, or tampered with, gives undefined. */
export interface Seal {
  readonly kind: 'file' | 'encrypted' | 'keyring'
  seal(text: string, key: string): string
  open(sealed: string, key: string): string | undefined
}

/** As it is; the file's 0600 protects it. */
export const PLAIN_SEAL: Seal = { kind: 'file', seal: (text) => text, open: (sealed) => sealed }

/** scrypt with 32 MiB: about 0.1 s, once a file. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** AES-256-GCM under a key from a passphrase. The entry's place is authenticated too: one cannot be moved to another's. */
export function passphraseSeal(passphrase: string): Seal {
  const keys = new Map<string, Buffer>()
  return aesSeal('encrypted', (salt) => {
    const known = keys.get(salt.toString('hex')) ?? scryptSync(passphrase, salt, 32, SCRYPT)
    keys.set(salt.toString('hex'), known)
    return known
  })
}

/** AES-256-GCM under a random key that the system's keyring holds. */
export const keyringSeal = (secret: Buffer): Seal =>
  aesSeal('keyring', (salt) => Buffer.from(hkdfSync('sha256', secret, salt, 'oidcgw token store', 32)))

interface Sealed {
  readonly sealed: string
  readonly salt: string
  readonly iv: string
  readonly tag: string
  readonly data: string
}

function aesSeal(kind: Seal['kind'], keyOf: (salt: Buffer) => Buffer): Seal {
  // One salt a process: a passphrase costs its time once, and GCM's random iv still differs for each entry.
  const salt = randomBytes(16)
  return {
    kind,
    seal(text, place) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', keyOf(salt), iv).setAAD(Buffer.from(place))
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      const hold = (bytes: Buffer): string => bytes.toString('base64')
      return JSON.stringify({
        sealed: kind,
        salt: hold(salt),
        iv: hold(iv),
        tag: hold(cipher.getAuthTag()),
        data: hold(data),
      } satisfies Sealed)
    },
    open(sealed, place) {
      try {
        const parts = JSON.parse(sealed) as Sealed
        if (parts.sealed !== kind) return undefined
        const [salted, iv, tag, data] = [parts.salt, parts.iv, parts.tag, parts.data].map((part) => Buffer.from(part, 'base64')) as [
          Buffer,
          Buffer,
          Buffer,
          Buffer,
        ]
        const decipher = createDecipheriv('aes-256-gcm', keyOf(salted), iv, { authTagLength: 16 })
          .setAAD(Buffer.from(place))
          .setAuthTag(tag)
        return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
