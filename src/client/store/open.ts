import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import { stateFolder } from '../../profile/paths.js'
import type { ClientHost, ClientOptions } from '../client-options.js'
import { createFileStore } from './file-store.js'
import { createMemoryStore } from './memory-store.js'
import type { Seal } from './seal.js'
import type { TokenStore } from './store.js'

/**
 * The store of this run. `OIDCGW_STORE_TYPE` (`keyring`, `file`, `memory`) decides; else a passphrase in `OIDCGW_STORE_PASSPHRASE_FILE` makes
 * encrypted files; else the system's keyring where there is one and no folder was named; else 0600 files; without a home folder, or one that
 * cannot be written, memory. Which one it became is told (`-v`), and said when it is less than was to be expected.
 *
 * @throws {OidcgwError} `ERR_USAGE` for an unknown type, `ERR_SECRET_UNAVAILABLE` when the passphrase cannot be read, `ERR_STORE` when a
 * keyring was asked for and there is none.
 */
export async function openStore(
  host: Pick<ClientHost, 'env' | 'cwd' | 'signal'>,
  { store: wanted, say, tell }: Pick<ClientOptions, 'store' | 'say' | 'tell'> = {},
): Promise<TokenStore> {
  const folder = stateFolder(host)
  const type = typeOf(host.env['OIDCGW_STORE_TYPE'])
  if (wanted === 'none' || type === 'memory') return createMemoryStore()
  const obstacle = folder ? await obstacleOf(folder, host) : 'There is no home folder'
  if (!folder || obstacle) {
    say?.(`${obstacle}: tokens are kept in memory only. Name a folder with OIDCGW_STORE.`)
    return createMemoryStore()
  }
  const { seal, caveat } = await sealFor(host, type, folder)
  const store = createFileStore({ folder, seal, signal: host.signal, ...(say && { say }), ...(caveat && { caveat }) })
  tell?.(`token store: ${store.description}`)
  return store
}

/** Why the folder of a person who named none cannot hold tokens. One that was named and cannot is an error, when something is to be kept. */
async function obstacleOf(folder: string, { env }: Pick<ClientHost, 'env'>): Promise<string | undefined> {
  if (env['OIDCGW_STORE']) return undefined
  return mkdir(join(folder, 'tokens'), { recursive: true, mode: 0o700 }).then(
    () => undefined,
    ({ code }: NodeJS.ErrnoException) => `${folder} cannot be made (${code ?? 'error'})`,
  )
}

const TYPES = ['keyring', 'file', 'memory'] as const

function typeOf(text: string | undefined): (typeof TYPES)[number] | undefined {
  if (!text) return undefined
  const type = TYPES.find((known) => known === text)
  if (type) return type
  throw new OidcgwError('ERR_USAGE', `OIDCGW_STORE_TYPE: "${text}" is not one of ${TYPES.join(', ')}`)
}

interface ChosenSeal {
  readonly seal: Seal
  /** Why it is less than was to be expected. */
  readonly caveat?: string
}

/** Sealing is loaded only when something is sealed: most stores are plain files, and `token` is to start fast. */
async function sealFor(
  host: Pick<ClientHost, 'env' | 'cwd' | 'signal'>,
  type: 'keyring' | 'file' | undefined,
  folder: string,
): Promise<ChosenSeal> {
  const { passphraseSeal, keyringSeal, PLAIN_SEAL } = await import('./seal.js')
  const passphraseFile = host.env['OIDCGW_STORE_PASSPHRASE_FILE']
  if (passphraseFile && type !== 'keyring') return { seal: passphraseSeal(await readPassphrase(resolve(host.cwd, passphraseFile))) }
  if (type === 'file' || (type === undefined && host.env['OIDCGW_STORE'])) return { seal: PLAIN_SEAL }
  const { keyringSecret, mayHaveKeyring } = await import('./keyring.js')
  const there = type === 'keyring' || mayHaveKeyring(host)
  const secret = there ? await keyringSecret((make) => makeAlone(folder, host.signal, make)) : undefined
  if (secret) return { seal: keyringSeal(secret) }
  if (type !== 'keyring') return { seal: PLAIN_SEAL, caveat: caveatOf(there) }
  throw new OidcgwError('ERR_STORE', 'there is no keyring to keep tokens with, or it is locked', {
    hint: 'Leave OIDCGW_STORE_TYPE away to keep them in 0600 files',
  })
}

const caveatOf = (there: boolean): string =>
  `${there ? 'The keyring is locked or not usable' : 'There is no keyring here'}: tokens are kept in 0600 files. Set OIDCGW_STORE_TYPE=file when that is what you want, and this line is gone.`

async function makeAlone<T>(folder: string, signal: AbortSignal, make: () => Promise<T>): Promise<T> {
  const { withFileLock } = await import('./lock.js')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return withFileLock(join(folder, 'keyring.lock'), make, { signal })
}

async function readPassphrase(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_SECRET_UNAVAILABLE', `OIDCGW_STORE_PASSPHRASE_FILE: ${path} cannot be read (${cause.code ?? 'error'})`, {
      cause,
    })
  })
  const passphrase = text.replace(/\r?\n$/, '')
  if (passphrase.length >= 8) return passphrase
  throw new OidcgwError('ERR_SECRET_UNAVAILABLE', 'OIDCGW_STORE_PASSPHRASE_FILE: the passphrase is shorter than 8 characters')
}
