import { createHash } from 'node:crypto'
import { leave, passwordSession } from './browsing.js'
import { alice, comeBack, cookies, status, type FieldRow, type Seen } from './row.js'

const redis = { host: '127.0.0.1', port: '$REDIS_PORT' }
const stored = { ...passwordSession, session_storage: 'redis', redis }
/** The id of the session that the browser got: it stands in the cookie behind version and flags. */
const sidOf = ({ answers }: Seen): Buffer => Buffer.from(cookies(answers.slice(0, 1)).slice('session='.length), 'base64url').subarray(3, 35)
const hash = (value: string | Buffer): string => createHash('sha256').update(value).digest('base64url')
/** Names in Redis; the id of the session, plain or hashed, is not spelled out. */
const names = (seen: Seen): string[] => {
  const sid = sidOf(seen)
  return seen.stored.map((name) => name.replace(sid.toString('base64url'), '(id)').replace(hash(sid), '(hash of the id)')).toSorted()
}

/** The index of the sessions of one subject. */
const index = (subject: string): string => `session:${Buffer.from('default').toString('base64url')}:${subject}`

/** Section 5.6: sessions in a real Redis server. */
export const STORED_SESSION_ROWS: readonly FieldRow[] = [
  {
    field: 'session_storage',
    base: { ...stored, session_storage: 'cookie' },
    set: { session_storage: 'redis' },
    ask: [alice, comeBack],
    observe: (seen) => [status(seen), names(seen), cookies(seen.answers).length > 'session='.length + 110],
    default: [200, [], true],
    changed: [200, ['session:(id)'], false],
  },
  {
    // who reads the server finds no id that would be a cookie
    field: 'session_hash_storage_key',
    base: stored,
    set: { session_hash_storage_key: true },
    ask: [alice, comeBack],
    observe: (seen) => [status(seen), names(seen)],
    default: [200, ['session:(id)']],
    changed: [200, ['session:(hash of the id)']],
  },
  {
    // two browsers of alice; the second one leaves
    field: 'session_store_metadata',
    base: { ...stored, logout_uri_suffix: '/logout' },
    set: { session_store_metadata: true },
    ask: [alice, alice, leave],
    observe: names,
    default: ['session:(id)'],
    changed: ['session:(id)', `${index('alice')} = session:(id)`].toSorted(),
  },
  {
    field: 'session_hash_subject',
    base: { ...stored, session_store_metadata: true },
    set: { session_hash_subject: true },
    ask: alice,
    observe: (seen) => names(seen).find((name) => name.includes(' = ')),
    default: `${index('alice')} = session:(id)`,
    changed: `${index(hash('alice'))} = session:(id)`,
  },
]
