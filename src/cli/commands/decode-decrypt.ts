import type { Host } from '../../host.js'
import { decryptJwe } from '../../jwt/decrypt.js'
import { readPrivateKey } from '../../jwt/private-key.js'
import { jsonObject, type TokenReading } from '../../jwt/reading.js'
import { readInputFile } from './decode-input.js'

/** Encrypted tokens with their content, the others as they are. */
export async function openTokens(
  readings: readonly TokenReading[],
  file: string,
  host: Pick<Host, 'cwd'>,
): Promise<readonly TokenReading[]> {
  const { key } = readPrivateKey(await readInputFile(file, host), file)
  return Promise.all(
    readings.map(async (reading) => {
      if (reading.form !== 'jwe' && reading.form !== 'jwe-json') return reading
      const payloadBytes = await decryptJwe(reading.token, key)
      return { ...reading, payloadBytes, payload: jsonObject(payloadBytes) }
    }),
  )
}
