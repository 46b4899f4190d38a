import { stateFolder } from '../../profile/paths.js'
import type { ClientHost, ClientOptions } from '../client-options.js'
import { createFileStore } from './file-store.js'
import { createMemoryStore } from './memory-store.js'
import { PLAIN_SEAL } from './seal.js'
import type { TokenStore } from './store.js'

/** The store this run uses. Falls back to memory without a home or with `--no-store`, and says which one it is to whom asks (`-v`). */
export async function openStore(
  host: Pick<ClientHost, 'env' | 'cwd' | 'signal'>,
  { store: wanted, say, tell }: Pick<ClientOptions, 'store' | 'say' | 'tell'> = {},
): Promise<TokenStore> {
  const folder = stateFolder(host)
  if (wanted === 'none' || host.env['OIDCGW_STORE_TYPE'] === 'memory' || !folder) {
    if (wanted !== 'none' && !folder) say?.('there is no home folder: tokens are kept in memory only; name a folder with OIDCGW_STORE')
    return createMemoryStore()
  }
  const store = createFileStore({ folder, seal: PLAIN_SEAL, signal: host.signal, ...(say && { say }) })
  tell?.(`token store: ${store.description}`)
  return store
}
