import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What a sealed value is for. One purpose never opens another's: it is part of the key and of the authenticated data. */
export type Purpose = 'session' | 'remember' | 'authorization' | 'successor'

/** Bytes that may leave the gateway: the tag travels apart, so that a header can pin exactly one content. */
export interface Sealed {
  /** A fresh 96-bit nonce, then the ciphertext. */
  readonly bytes: Buffer
  readonly tag: Buffer
}

/** Encrypts and authenticates under one secret. Every value has a key of its own, derived from its id and purpose. */
export interface Sealer {
  /** AES-256-GCM with a random nonce: two sealings of one text never look alike. */
  seal(id: Buffer, purpose: Purpose, context: readonly Part[], plain: Buffer): Sealed
  /** Undefined when anything at all differs: id, purpose, context, bytes or tag. */
  open(id: Buffer, purpose: Purpose, context: readonly Part[], sealed: Sealed): Buffer | undefined
  /** First 128 bits of HMAC-SHA-256 over the delimited parts. */
  mac(id: Buffer, purpose: Purpose, parts: readonly Part[]): Buffer
  /** Compares in constant time; false for another length. */
  macMatches(id: Buffer, purpose: Purpose, parts: readonly Part[], mac: Buffer): boolean
}

type Part = string | Buffer

const NONCE_BYTES = 12
const TAG_BYTES = 16
export const MAC_BYTES = 16
/** What sealing adds to a text, without the tag. */
export const SEAL_OVERHEAD = NONCE_BYTES

/**
 * A sealer over `session_secret`.
 *
 * @param random CSPRNG; gives the nonces (NIST SP 800-38D §8.2.2: random 96 bits, few messages a key).
 */
export function createSealer(secret: string | Buffer, random: (bytes: number) => Buffer): Sealer {
  const master = createHash('sha256').update(secret).digest()
  const derive = (label: string, id: Buffer, purpose: Purpose) => hkdf(master, id, `oidcgw:${label}:${purpose}`)
  const mac = (id: Buffer, purpose: Purpose, parts: readonly Part[]) =>
    createHmac('sha256', derive('authentication', id, purpose))
      .update(delimited(parts))
      .digest()
      .subarray(0, MAC_BYTES)
  return {
    seal(id, purpose, context, plain) {
      const nonce = random(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', derive('encryption', id, purpose), nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(delimited([purpose, id, ...context]))
      const bytes = Buffer.concat([nonce, cipher.update(plain), cipher.final()])
      return { bytes, tag: cipher.getAuthTag() }
    },
    open(id, purpose, context, { bytes, tag }) {
      if (bytes.length < NONCE_BYTES || tag.length !== TAG_BYTES) return undefined
      const decipher = createDecipheriv('aes-256-gcm', derive('encryption', id, purpose), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(delimited([purpose, id, ...context]))
      decipher.setAuthTag(tag)
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES)), decipher.final()])
      } catch {
        return undefined
      }
    },
    mac,
    macMatches: (id, purpose, parts, received) => received.length === MAC_BYTES && timingSafeEqual(mac(id, purpose, parts), received),
  }
}

/** One block of HKDF-SHA-256 (RFC 5869 §2): 256 bits. Half the time of `hkdfSync`, which counts on every request. */
function hkdf(master: Buffer, salt: Buffer, info: string): Buffer {
  const key = createHmac('sha256', salt).update(master).digest()
  return createHmac('sha256', key).update(`${info}\u0001`).digest()
}

/** Each part behind its length: no two lists of parts give the same bytes (G-120). */
function delimited(parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}
