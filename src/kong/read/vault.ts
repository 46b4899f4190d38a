import type { ReadContext } from '../fields/read-record.js'

/** A `vaults` entity: `{vault://<prefix>/…}` names it by prefix. */
export interface Vault {
  readonly name: string
  readonly prefix: string
  readonly config: Readonly<Record<string, unknown>>
}

const REFERENCE = /^\{vault:\/\/([^/}]+)\/([^/}?]+)(?:\/([^}?]+))?(?:\?[^}]*)?\}$/

/**
 * How `{vault://env/my-secret}` becomes the value of `MY_SECRET`; `{vault://env/my-secret/key}` picks a member of a JSON value.
 * A `vaults` entity over `env` lends its prefix. Other backends hold nothing here, and that is told.
 *
 * @param used receives the name and value of each variable that was read.
 */
export function createDereference(
  env: Readonly<Record<string, string | undefined>>,
  vaults: readonly Vault[],
  used: Map<string, string>,
): ReadContext['dereference'] {
  return (reference, tell) => {
    const [, backend = '', resource = '', key] = REFERENCE.exec(reference) ?? []
    const vault = vaults.find(({ prefix }) => prefix === backend)
    if (backend === '' || (vault ? vault.name : backend) !== 'env') {
      tell(
        'vault-not-imitated',
        `the vault "${backend}" cannot be read here; the field is left empty`,
        'use {vault://env/…} on this machine',
      )
      return undefined
    }
    const prefix = vault && typeof vault.config['prefix'] === 'string' ? vault.config['prefix'] : ''
    const name = `${prefix}${resource}`.replaceAll('-', '_').toUpperCase()
    const text = env[name]
    const missing = (reason: string): undefined =>
      tell('vault-unresolved', `${reason}; Kong leaves the field empty`, `set ${name}`) as undefined
    if (text === undefined) return missing(`the environment variable ${name} is not set`)
    const value = key === undefined ? text : memberOf(text, key)
    if (value === undefined) return missing(`the environment variable ${name} holds no JSON with "${key}"`)
    used.set(reference, value)
    return value
  }
}

function memberOf(text: string, key: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[key]
    return value === undefined || value === null ? undefined : typeof value === 'string' ? value : JSON.stringify(value)
  } catch {
    return undefined
  }
}
