import { randomFillSync } from 'node:crypto'

const IDS_PER_FILL = 256
const BYTES = 16

/** Makes ids of 32 hex digits from a pool of random octets, refilled every 256 ids. */
export function createRequestIds(): () => string {
  const pool = Buffer.alloc(IDS_PER_FILL * BYTES)
  let offset = pool.length
  return () => {
    if (offset === pool.length) {
      randomFillSync(pool)
      offset = 0
    }
    return pool.toString('hex', offset, (offset += BYTES))
  }
}
