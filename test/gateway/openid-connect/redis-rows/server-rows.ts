import { keeper, LONG_MS, refusal, SHORT_MS, type RedisRow } from './row.js'

/** Where single servers are. */
export interface ServerPlaces {
  /** `one`, and on 127.0.0.2 `far`: one port for both. */
  readonly port: number
  /** `one` again, over TLS, with a certificate that nobody vouches for. */
  readonly tlsPort: number
  /** In front of `one`, over TLS: it notes the server names its clients ask for. */
  readonly namedPort: number
  /** `two`, on 127.0.0.1 and on a socket. */
  readonly otherPort: number
  readonly socket: string
  /** `guarded`: the password `hunter2` for the users `default` and `kong`. */
  readonly guardedPort: number
  /** Nobody takes connections here. */
  readonly fullPort: number
  /** Ready, and then never an answer. */
  readonly mutePort: number
  /** Ready, and then not a byte is read. */
  readonly deafSocket: string
}

/** Longer than the buffers of a local socket. */
const LARGE_TOKEN = 500_000
const patient = { connect_timeout: LONG_MS, read_timeout: LONG_MS, send_timeout: LONG_MS }

/** Section 1.16: one server. */
export const SERVER_ROWS: readonly RedisRow<ServerPlaces>[] = [
  {
    field: 'redis.host',
    base: ({ port }) => ({ port }),
    set: () => ({ host: '127.0.0.2' }),
    observe: keeper,
    default: 'one',
    changed: 'far',
  },
  {
    field: 'redis.port',
    base: ({ port }) => ({ port }),
    set: ({ otherPort }) => ({ port: otherPort }),
    observe: keeper,
    default: 'one',
    changed: 'two',
  },
  {
    field: 'redis.socket',
    base: ({ port }) => ({ port }),
    set: ({ socket }) => ({ socket }),
    observe: keeper,
    default: 'one',
    changed: 'two',
  },
  {
    field: 'redis.database',
    base: ({ port }) => ({ port }),
    set: () => ({ database: 3 }),
    observe: ({ kept }) => kept.map(({ database }) => database),
    default: [0],
    changed: [3],
  },
  {
    field: 'redis.prefix',
    base: ({ port }) => ({ port }),
    set: () => ({ prefix: 'shop' }),
    observe: ({ kept }) => kept.map(({ key }) => key.replace(/[\w-]{43}$/, 'ID')),
    default: ['session:ID'],
    changed: ['shop:session:ID'],
  },
  {
    field: 'redis.password',
    base: ({ guardedPort }) => ({ port: guardedPort }),
    set: () => ({ password: 'hunter2' }),
    observe: keeper,
    default: 503,
    changed: 'guarded',
  },
  {
    field: 'redis.username',
    base: ({ guardedPort }) => ({ port: guardedPort, password: 'hunter2' }),
    set: () => ({ username: 'kong' }),
    observe: ({ users }) => users.at(-1),
    default: 'default',
    changed: 'kong',
  },
  {
    field: 'redis.ssl',
    base: ({ tlsPort }) => ({ port: tlsPort, ssl_verify: false }),
    set: () => ({ ssl: true }),
    observe: keeper,
    default: 503,
    changed: 'one',
  },
  {
    field: 'redis.ssl_verify',
    base: ({ tlsPort }) => ({ port: tlsPort, ssl: true }),
    set: () => ({ ssl_verify: false }),
    observe: keeper,
    default: 503,
    changed: 'one',
  },
  {
    field: 'redis.server_name',
    base: ({ namedPort }) => ({ port: namedPort, ssl: true, ssl_verify: false }),
    set: () => ({ server_name: 'redis.example' }),
    observe: (seen) => [keeper(seen), ...seen.serverNames],
    default: ['one', ''],
    changed: ['one', 'redis.example'],
  },
  {
    field: 'redis.connect_timeout',
    base: ({ fullPort }) => ({ port: fullPort, ...patient }),
    set: () => ({ connect_timeout: SHORT_MS }),
    observe: refusal,
    default: 'refused late',
    changed: 'refused at once',
  },
  {
    field: 'redis.read_timeout',
    base: ({ mutePort }) => ({ port: mutePort, ...patient }),
    set: () => ({ read_timeout: SHORT_MS }),
    observe: refusal,
    default: 'refused late',
    changed: 'refused at once',
  },
  {
    field: 'redis.send_timeout',
    base: ({ deafSocket }) => ({ socket: deafSocket, ...patient }),
    set: () => ({ send_timeout: SHORT_MS }),
    tokenBytes: LARGE_TOKEN,
    observe: refusal,
    default: 'refused late',
    changed: 'refused at once',
  },
]
