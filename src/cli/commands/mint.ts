import { createSecretKey } from 'node:crypto'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { defaultAlgorithm } from '../../jwt/generate-key.js'
import { findTokens } from '../../jwt/paste.js'
import { readPrivateKey, type PrivateKey } from '../../jwt/private-key.js'
import { readToken, type TokenReading } from '../../jwt/reading.js'
import { signJwt } from '../../jwt/sign.js'
import type { JsonObject } from '../../jwt/types.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { notAToken, readInputFile, readTextInput } from './decode-input.js'
import { parseMembers } from './mint-claims.js'

export interface MintOptions extends SharedOptions {
  readonly secret?: string
  readonly alg?: string
  readonly kid?: string
  readonly typ?: string
  readonly header?: readonly string[]
  /** A token whose header and claims are the beginning. */
  readonly from?: string
  readonly unset?: readonly string[]
  /** False under `--no-defaults`. */
  readonly defaults?: boolean
}

/** `mint [name=value…]`: a signed token for tests, with a key of yours. Never asks the network. */
export async function mint(words: readonly string[], options: MintOptions, { host }: CommandContext): Promise<ExitCode> {
  const now = host.now()
  const { key, kid, alg } = await readKey(options, host)
  const original = options.from === undefined ? undefined : await readOriginal(options.from, host)
  const header = {
    ...without(original?.header ?? {}, ['alg', 'kid']),
    ...(original === undefined && { typ: 'JWT' }),
    ...(options.typ !== undefined && { typ: options.typ }),
    ...parseMembers(options.header ?? [], now, 'header'),
    ...((options.kid ?? kid) !== undefined && { kid: options.kid ?? kid }),
    alg: options.alg ?? defaultAlgorithm(key, alg),
  } as JsonObject & { readonly alg: string }
  const seconds = Math.floor(now.getTime() / 1000)
  const defaults = options.defaults === false || original ? {} : { iat: seconds, exp: seconds + 300 }
  const payload = without({ ...original?.payload, ...defaults, ...parseMembers(words, now) }, options.unset ?? [])
  const token = signJwt(header, payload, key)
  if (wantsJson(options)) writeJson(host, { schema: 'oidcgw/mint/v1', token, header, payload })
  else host.stdout.write(`${token}\n`)
  return EXIT.yes
}

async function readKey({ key, secret }: MintOptions, host: Host): Promise<PrivateKey> {
  if ((key === undefined) === (secret === undefined)) {
    throw new OidcgwError('ERR_USAGE', key === undefined ? 'what shall it be signed with?' : '--key and --secret were both given', {
      hint: 'Give --key FILE (oidcgw keys new --alg ES256 > key.jwk makes one) or --secret env:NAME',
    })
  }
  if (key !== undefined) return readPrivateKey(await readInputFile(key, host), key)
  const { readSecret } = await import('../../config/secret-reference.js')
  const text = await readSecret(secret ?? '', { host, what: '--secret' })
  return { key: createSecretKey(Buffer.from(text)), kid: undefined, alg: undefined }
}

async function readOriginal(argument: string, host: Host): Promise<TokenReading> {
  const { text } = await readTextInput(argument, host)
  const reading = findTokens(text)
    .map(readToken)
    .find(({ payload }) => payload !== undefined)
  if (!reading) throw notAToken(text)
  return reading
}

const without = (members: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)))
