import { randomBytes } from 'node:crypto'
import type { Host } from '../../host.js'

/** Whether a keyring may be there at all; asking a Linux without a session bus takes seconds to fail. */
export function mayHaveKeyring({ env }: Pick<Host, 'env'>): boolean {
  return process.platform === 'darwin' || process.platform === 'win32' || Boolean(env['DBUS_SESSION_BUS_ADDRESS'])
}

/**
 * The store's key from the system's keyring, made on first use. Undefined when there is no keyring, it is locked, or the optional package is
 * not installed: then the store is a plain file, and says so.
 */
export async function keyringSecret(): Promise<Buffer | undefined> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring')
    const entry = new AsyncEntry('oidcgw', 'token store key')
    const known = await entry.getPassword()
    if (known) return Buffer.from(known, 'base64')
    const secret = randomBytes(32)
    await entry.setPassword(secret.toString('base64'))
    return secret
  } catch {
    return undefined
  }
}
