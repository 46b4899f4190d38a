import type { Redis as RedisConfig } from '../../../../src/kong/openid-connect/records.js'
import type { Answer } from '../../../support/protected-gateway.js'

/** A session as it lies in a server. */
export interface Kept {
  /** The server's name among those of the table. */
  readonly server: string
  readonly database: number
  readonly key: string
}

/** What one login came to whose session belongs in Redis. */
export interface RedisSeen {
  readonly answer: Answer
  readonly kept: readonly Kept[]
  /** ACL users of the connections that the table's guarded server has, oldest first. */
  readonly users: readonly string[]
  /** Server names that TLS clients sent meanwhile; an empty text is none. */
  readonly serverNames: readonly string[]
}

/** One member of the `redis` record: two connections and a login, and what tells them apart. `Places` says where the servers of the table are. */
export interface RedisRow<Places> {
  readonly field: string
  /** The record in both arms. */
  readonly base: (at: Places) => Partial<RedisConfig>
  /** What the second arm adds. */
  readonly set: (at: Places) => Partial<RedisConfig>
  /** Random bytes of which the access token of the session is made. Default: few. */
  readonly tokenBytes?: number
  readonly observe: (seen: RedisSeen) => unknown
  readonly default: unknown
  readonly changed: unknown
}

/** The server that keeps the session, else the status of the login. */
export const keeper = ({ answer, kept }: RedisSeen): string | number => kept[0]?.server ?? answer.status

/** Well above what loopback and a busy machine take, well below {@link LONG_MS}. */
const SOON_MS = 400
/** The time limits of both arms, but for the one in question. */
export const LONG_MS = 600
export const SHORT_MS = 30

/** Whether a login that nobody could keep was refused, and whether soon. */
export const refusal = ({ answer }: RedisSeen): string | number =>
  answer.status === 503 ? (answer.trace.durationMs < SOON_MS ? 'refused at once' : 'refused late') : answer.status
