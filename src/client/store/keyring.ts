import { randomBytes } from 'node:crypto'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'

/** Whether a keyring may be there at all; asking a Linux without a session bus takes seconds to fail. */
export function mayHaveKeyring({ env }: Pick<Host, 'env'>): boolean {
  return process.platform === 'darwin' || process.platform === 'win32' || Boolean(env['DBUS_SESSION_BUS_ADDRESS'])
}

/**
 * The store's key from the system's keyring, made on first use. Undefined when there is no keyring, it is locked, or the optional package is
 * not installed: then the store is a plain file, and says so.
 *
 * @throws {OidcgwError} `ERR_ABORTED` while waiting for `alone`.
 * @param alone runs the making of a new key while no other process makes one: two keys would leave the tokens of one unreadable.
 */
export async function keyringSecret(alone: (make: () => Promise<Buffer>) => Promise<Buffer>): Promise<Buffer | undefined> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring')
    // Linux's kernel has a keyring too, which would be taken silently, but it forgets at the next boot, and every sealed token with it.
    const entry = new AsyncEntry('oidcgw', 'token store key', { linux: { store: 'secret-service' } })
    const known = async (): Promise<Buffer | undefined> => {
      const text = await entry.getPassword()
      return text ? Buffer.from(text, 'base64') : undefined
    }
    const make = async (): Promise<Buffer> => {
      const secret = randomBytes(32)
      await entry.setPassword(secret.toString('base64'))
      return secret
    }
    return (await known()) ?? (await alone(async () => (await known()) ?? make()))
  } catch (cause) {
    if (cause instanceof OidcgwError) throw cause
    return undefined
  }
}
