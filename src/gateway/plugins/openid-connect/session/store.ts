import type { Eventually } from '../types.js'

/**
 * Where sealed session data lies between requests. The handle says where: for the cookie store it is the data itself and travels with the
 * browser, for the others an id. Stores see sealed bytes only.
 */
export interface SessionStore {
  /** `carried`: the handle goes into the cookie, behind its header. `kept`: the id in the header is the handle. */
  readonly handles: 'carried' | 'kept'
  /**
   * @param key base64url, at least 256 bits.
   * @param ttlSeconds undefined: no end.
   * @throws {OidcgwError} `ERR_STORE` when the store cannot be reached.
   */
  save(key: string, sealed: Buffer, ttlSeconds: number | undefined): Promise<string>
  /** Undefined: nothing there. @throws {OidcgwError} `ERR_STORE` when the store cannot be reached. */
  load(handle: string): Eventually<Buffer | undefined>
  /** @throws {OidcgwError} `ERR_STORE` when the store cannot be reached. */
  destroy(handle: string): Promise<void>
  /**
   * Takes a name for a while, for one holder among all processes on this store; undefined when somebody has it.
   * @throws {OidcgwError} `ERR_STORE` when the store cannot be reached.
   */
  acquire(name: string, ttlMs: number): Promise<Lease | undefined>
  /** `session_store_metadata`: notes or strikes a live session of one subject. Stores without an index do not have it. */
  readonly index?: SessionIndex
  close(): Promise<void>
}

export interface Lease {
  /** Gives the name back, when it is still ours. */
  release(): Promise<void>
}

/** Live sessions of one audience and subject. */
export interface SessionIndex {
  add(group: string, key: string, expiresAt: number): Promise<void>
  remove(group: string, key: string): Promise<void>
}
