import { createPublicKey, X509Certificate, type JsonWebKeyInput, type KeyObject } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { generateJwk, publicJwk } from '../../jwt/generate-key.js'
import { readPrivateKey } from '../../jwt/private-key.js'
import { blameRuntime } from '../../jwt/module-lattice.js'
import { jsonObject } from '../../jwt/reading.js'
import { thumbprint } from '../../jwt/thumbprint.js'
import type { Jwk } from '../../jwt/types.js'
import type { CommandContext, SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { readInputFile, readTextInput } from './decode-input.js'

export interface NewKeyOptions extends SharedOptions {
  readonly alg?: string
  readonly bits?: string
  readonly kid?: string
  readonly pem?: boolean
  readonly write?: string
}

/** `keys new`: a private key on stdout, or in a new file that only its owner can read. */
export async function newKey(options: NewKeyOptions, { host, err }: CommandContext): Promise<ExitCode> {
  const bits = options.bits === undefined ? {} : { rsaBits: Number(options.bits) }
  if (Number.isNaN(bits.rsaBits))
    throw new OidcgwError('ERR_USAGE', `--bits: "${options.bits}" is no number`, { hint: 'Write 2048, 3072 or 4096' })
  const jwk = generateJwk(options.alg ?? 'ES256', { ...bits, ...(options.kid !== undefined && { kid: options.kid }) })
  const text = options.pem ? privatePem(jwk) : `${JSON.stringify(jwk, null, 2)}\n`
  if (options.write === undefined) {
    host.stdout.write(text)
    return EXIT.yes
  }
  await writeFile(resolve(host.cwd, options.write), text, { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    const exists = cause.code === 'EEXIST'
    throw new OidcgwError('ERR_USAGE', `${options.write} ${exists ? 'exists already' : `cannot be written (${cause.code ?? 'error'})`}`, {
      cause,
      hint: 'Name a new file: a key is never overwritten',
    })
  })
  host.stderr.write(`${err.dim(`wrote ${options.write} (kid ${jwk.kid ?? 'none'}), readable by you alone`)}\n`)
  return EXIT.yes
}

/** `keys public`: the public half as JWK, or as PEM. */
export async function publicKey(
  argument: string | undefined,
  { pem = false }: { readonly pem?: boolean },
  { host }: CommandContext,
): Promise<ExitCode> {
  const [jwk, ...more] = await readKeys(argument, host)
  if (!jwk) throw notAKey(argument)
  const all = [jwk, ...more].map((key) => publicOf(key, argument))
  host.stdout.write(
    pem
      ? all.map((key) => toKeyObject(key).export({ type: 'spki', format: 'pem' }) as string).join('')
      : `${JSON.stringify(more.length > 0 ? { keys: all } : all[0], null, 2)}\n`,
  )
  return EXIT.yes
}

/** `keys jwks FILE…`: the public halves as one JWK Set; a key without `kid` gets its thumbprint. */
export async function jwks(files: readonly string[], { host }: CommandContext): Promise<ExitCode> {
  const keys: Jwk[] = []
  for (const file of files.length > 0 ? files : ['-']) {
    for (const key of await readKeys(file, host)) {
      const shared = publicOf(key, file)
      const kid = shared.kid ?? thumbprint(shared)
      keys.push({ ...(kid !== undefined && { kid }), ...shared })
    }
  }
  host.stdout.write(`${JSON.stringify({ keys }, null, 2)}\n`)
  return EXIT.yes
}

/** `keys thumbprint`: RFC 7638, one a line. */
export async function keyThumbprint(
  argument: string | undefined,
  { hash = 'sha256', uri = false }: { readonly hash?: 'sha256' | 'sha384' | 'sha512'; readonly uri?: boolean },
  { host }: CommandContext,
): Promise<ExitCode> {
  const prefix = uri ? `urn:ietf:params:oauth:jwk-thumbprint:${hash.replace('sha', 'sha-')}:` : ''
  for (const key of await readKeys(argument, host)) {
    const print = thumbprint(key, hash)
    if (print === undefined) throw notAKey(argument)
    host.stdout.write(`${prefix}${print}\n`)
  }
  return EXIT.yes
}

/** Keys of a JWK, a JWK Set or PEM text, as JWKs, in order. */
async function readKeys(argument: string | undefined, host: Host): Promise<readonly Jwk[]> {
  const named = argument !== undefined && argument !== '-'
  const text = named ? await readInputFile(argument.replace(/^@/, ''), host) : (await readTextInput('-', host, 'a key')).text
  const value = jsonObject(Buffer.from(text))
  if (value) return (Array.isArray(value['keys']) ? value['keys'] : [value]) as readonly Jwk[]
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g) ?? []
  if (blocks.length === 0) throw notAKey(argument)
  return blocks.map((block) => fromPem(block, argument ?? 'stdin'))
}

function fromPem(block: string, file: string): Jwk {
  const privateKey = block.includes('PRIVATE') ? readPrivateKey(block, file).key : undefined
  try {
    const key = privateKey ?? (block.includes('CERTIFICATE') ? new X509Certificate(block).publicKey : createPublicKey(block))
    return key.export({ format: 'jwk' }) as Jwk
  } catch (cause) {
    blameRuntime(block, file, cause)
    throw notAKey(file)
  }
}

function publicOf(key: Jwk, file: string | undefined): Jwk {
  const shared = publicJwk(key)
  if (!shared)
    throw new OidcgwError('ERR_NOT_A_KEY', `${file ?? 'stdin'} holds a shared secret, which has no public half`, {
      hint: 'Make a key pair: oidcgw keys new --alg ES256',
    })
  return shared
}

function toKeyObject(jwk: Jwk): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)
  } catch (cause) {
    blameRuntime(jwk, 'the JWK', cause)
    throw new OidcgwError('ERR_NOT_A_KEY', 'the JWK is no key that can be read', { cause, hint: 'Check its kty and members' })
  }
}

function privatePem(jwk: Jwk): string {
  if (jwk.kty === 'oct') throw new OidcgwError('ERR_UNSUPPORTED', 'a shared secret has no PEM form', { hint: 'Leave --pem out' })
  return readPrivateKey(JSON.stringify(jwk), 'the new key').key.export({ type: 'pkcs8', format: 'pem' }) as string
}

const notAKey = (file: string | undefined): OidcgwError =>
  new OidcgwError('ERR_NOT_A_KEY', `${file === undefined || file === '-' ? 'stdin' : file} holds no key`, {
    hint: 'Expected a JWK, a JWK Set or PEM',
  })
