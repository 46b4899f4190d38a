import { chmod, lstat, mkdir, readdir, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { OidcgwError } from '../../errors.js'
import { withFileLock, type LockOptions } from './lock.js'
import type { Seal } from './seal.js'
import type { StoredEntry, TokenStore } from './store.js'

export interface FileStoreOptions extends LockOptions {
  readonly folder: string
  readonly seal: Seal
  /** Told what a person should know: permissions that were too open, an entry that cannot be read. */
  readonly say?: (line: string) => void
  /** Said before an entry is written. */
  readonly caveat?: string
}

/** One 0600 file an entry in a 0700 folder, replaced by renaming: a crash leaves the old entry or the new one. */
export function createFileStore({ folder, seal, say, caveat, ...lock }: FileStoreOptions): TokenStore {
  const tokens = join(folder, 'tokens')
  const pathOf = (key: string): string => join(tokens, `${key}.json`)
  const failing = (what: string) => (cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_STORE', `the token store cannot be ${what} (${cause.code ?? 'error'})`, {
      cause,
      hint: `Check ${folder}, or keep nothing with --no-store`,
    })
  }
  const ensureFolder = () => mkdir(tokens, { recursive: true, mode: 0o700 }).catch(failing('written'))
  const load = async (key: string): Promise<StoredEntry | undefined> => {
    const path = pathOf(key)
    const facts = await lstat(path).catch((cause: NodeJS.ErrnoException) => (cause.code === 'ENOENT' ? undefined : failing('read')(cause)))
    if (!facts) return undefined
    if (process.platform !== 'win32' && (facts.mode & 0o022) !== 0) {
      throw new OidcgwError('ERR_STORE', `${path} can be written by others, so its token is not to be trusted`, {
        hint: 'Remove it: oidcgw store clear',
      })
    }
    if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0) {
      await chmod(path, 0o600).catch(failing('protected'))
      say?.(`${path} was readable by others; it is 0600 now, but consider its tokens seen`)
    }
    const text = seal.open(await readFile(path, 'utf8').catch(failing('read')), key)
    const entry = text === undefined ? undefined : parse(text)
    if (!entry) say?.(`${path} cannot be read as a ${seal.kind} entry and is left alone until a new token replaces it`)
    return entry
  }
  const remove = async (key: string): Promise<void> => {
    await unlink(pathOf(key)).catch((cause: NodeJS.ErrnoException) => (cause.code === 'ENOENT' ? undefined : failing('written')(cause)))
  }
  return {
    kind: seal.kind,
    description: `${DESCRIPTIONS[seal.kind]} in ${folder}`,
    load,
    async save(key, entry) {
      await ensureFolder()
      if (caveat) say?.(caveat)
      const { default: writeFileAtomic } = await import('write-file-atomic')
      const sealed = seal.seal(JSON.stringify({ version: 1, ...entry }), key)
      await writeFileAtomic(pathOf(key), sealed, { mode: 0o600 }).catch(failing('written'))
    },
    remove,
    async clear() {
      const keys = await keysIn(tokens)
      for (const key of keys) await remove(key)
      return keys.length
    },
    async list() {
      const keys = await keysIn(tokens)
      const entries = await Promise.all(keys.toSorted().map(async (key) => ({ key, entry: await load(key) })))
      return entries.flatMap(({ key, entry }) => (entry ? [{ key, entry }] : []))
    },
    async withLock(key, work) {
      await ensureFolder()
      return withFileLock(join(tokens, `${key}.lock`), work, lock)
    },
  }
}

async function keysIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => name.slice(0, 64))
}

const DESCRIPTIONS = {
  file: 'files (0600)',
  encrypted: 'files encrypted with the passphrase',
  keyring: "files encrypted with a key of the system's keyring",
} satisfies Record<Seal['kind'], string>

function parse(text: string): StoredEntry | undefined {
  try {
    const { version, ...entry } = JSON.parse(text) as StoredEntry & { version?: number }
    return version === 1 && typeof entry.tokens?.access_token === 'string' && typeof entry.tokens.obtained_at === 'number'
      ? entry
      : undefined
  } catch {
    return undefined
  }
}
