import { readCompactJwt } from '../../../../jwt/compact.js'
import type { JsonObject } from '../../../../jwt/types.js'
import type { SessionData } from '../types.js'

/** What one plugin instance keeps in a session that several may share (`session_audience`). */
export interface Entry {
  readonly audience: string
  readonly issuer: string
  /** The client the tokens were issued to; an instance without a client of its own may use them. */
  readonly client_id: string | null
  readonly subject: string | null
  /** Seconds since the epoch. */
  readonly createdAt: number
  readonly data: SessionData
}

/** Whose entry a plugin instance may read. */
export interface Owner {
  readonly audience: string
  readonly issuer: string
  readonly clientIds: readonly string[] | null
}

export const encodeEntries = (entries: readonly Entry[]): Buffer => Buffer.from(JSON.stringify(entries.map(pack)))

const decoded = new WeakMap<Buffer, readonly Entry[]>()

/** The content is authenticated: it is what some instance with this secret wrote. Parsed once. */
export function decodeEntries(plain: Buffer): readonly Entry[] {
  let entries = decoded.get(plain)
  if (!entries) decoded.set(plain, (entries = (JSON.parse(plain.toString('utf8')) as readonly Packed[]).map(unpack)))
  return entries
}

/** Claims that stand in their token are not kept twice: cookies are small. */
type Packed = Entry & { readonly fromTokens?: readonly ClaimsName[] }
type ClaimsName = keyof typeof TOKENS

const TOKENS = { accessTokenClaims: 'access_token', idTokenClaims: 'id_token' } as const
const NAMES = Object.keys(TOKENS) as readonly ClaimsName[]

function pack(entry: Entry): Packed {
  const fromTokens = NAMES.filter((name) => {
    const claims = entry.data[name]
    return claims !== undefined && JSON.stringify(claims) === JSON.stringify(claimsOf(entry.data, name))
  })
  if (fromTokens.length === 0) return entry
  const data = Object.fromEntries(Object.entries(entry.data).filter(([name]) => !fromTokens.includes(name as ClaimsName)))
  return { ...entry, data: data as unknown as SessionData, fromTokens }
}

function unpack({ fromTokens = [], ...entry }: Packed): Entry {
  const claims = fromTokens.map((name) => [name, claimsOf(entry.data, name)])
  return { ...entry, data: { ...entry.data, ...(Object.fromEntries(claims) as Partial<SessionData>) } }
}

/** Verified when the session was saved, and sealed since. */
function claimsOf({ tokens }: SessionData, name: ClaimsName): JsonObject | undefined {
  const token = tokens[TOKENS[name]]
  return token === undefined ? undefined : readCompactJwt(token).value?.payload
}

/** Same audience, issuer and client: another instance's session never opens this one (G-121). */
export const ownEntry = (entries: readonly Entry[], { audience, issuer, clientIds }: Owner): Entry | undefined =>
  entries.find(
    (entry) =>
      entry.audience === audience &&
      entry.issuer === issuer &&
      (clientIds === null || entry.client_id === null || clientIds.includes(entry.client_id)),
  )

/** The entries beside the new one: one a label, and only those of the same subject when that is enforced. */
export const withEntry = (entries: readonly Entry[], entry: Entry, sameSubject: boolean): readonly Entry[] => [
  ...entries.filter(({ audience, subject }) => audience !== entry.audience && (!sameSubject || subject === entry.subject)),
  entry,
]
