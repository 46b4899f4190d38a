import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { traceWire } from '../../src/client/wire.js'
import type { Host, HttpRequest, HttpResponse, RequestFunction } from '../../src/host.js'
import { Canaries, type CanaryKind } from './canaries.js'

/** What a command is asked for it may show, on stdout alone. The first word is the command, the others stand anywhere. */
const RESULTS: readonly { readonly words: readonly string[]; readonly kinds: readonly CanaryKind[] }[] = [
  { words: ['token'], kinds: ['signed token', 'bearer token', 'secret member', 'known secret'] },
  { words: ['mint'], kinds: ['signed token'] },
  { words: ['keys', 'new'], kinds: ['private key'] },
  { words: ['idp', '--show-secrets'], kinds: ['secret member', 'known secret'] },
]

const resultsOf = (argv: readonly string[]): readonly CanaryKind[] =>
  RESULTS.find(({ words: [command, ...others] }) => argv[0] === command && others.every((word) => argv.includes(word)))?.kinds ?? []

export interface Shown {
  readonly stdout: string
  readonly stderr: string
}

/** @throws when a command shows a secret that it was not asked for. */
export function expectSilentCommand(canaries: Canaries, argv: readonly string[], { stdout, stderr }: Shown): void {
  canaries.read('stdout', stdout, resultsOf(argv))
  canaries.read('stderr', stderr)
  canaries.expectSilence()
}

/** The same for a command that ran in a process of its own. */
export function expectSilentProcess(argv: readonly string[], world: Pick<Host, 'env' | 'cwd'>, shown: Shown): void {
  const canaries = new Canaries()
  addEnvironment(canaries, world.env)
  addArguments(canaries, argv, world)
  expectSilentCommand(canaries, argv, shown)
}

const SECRET_NAME = /SECRET|PASSW|TOKEN|ASSERTION/i
const NO_SECRET = /^(?:env|file|cmd|profile):|^https?:|^prompt$/
const SECRET_FIELD =
  /^(?:access_token|actor_token|assertion|client_assertion|client_secret|code_verifier|device_code|id_token|password|refresh_token|subject_token|token)$/

type ReadLine = NonNullable<Host['stdin']['readLine']>

/** Secrets in the environment are known by their names. */
export function addEnvironment(canaries: Canaries, env: Host['env']): void {
  for (const [name, value = ''] of Object.entries(env)) {
    if (SECRET_NAME.test(name) && !name.endsWith('_FILE') && !NO_SECRET.test(value)) canaries.add(`value of ${name}`, value)
  }
}

/** What a command line and its project file refer to as a secret, and tokens that were handed in. */
export function addArguments(canaries: Canaries, argv: readonly string[], { env, cwd }: Pick<Host, 'env' | 'cwd'>, stdin = ''): void {
  const after = (...flags: readonly string[]): string[] => argv.filter((_, index) => flags.includes(argv[index - 1] ?? ''))
  for (const line of after('-H', '--header')) addHeaderLine(canaries, line)
  for (const file of after('--client-secret-file')) canaries.add(`content of ${file}`, readIfThere(resolve(cwd, file))?.trim())
  const projects = [join(cwd, 'oidcgw.yaml'), ...after('-c', '--config'), ...(env['OIDCGW_CONFIG'] ? [env['OIDCGW_CONFIG']] : [])]
  const texts = [
    { folder: cwd, text: argv.join('\n') },
    ...projects.map((file) => ({ folder: dirname(resolve(cwd, file)), text: readIfThere(resolve(cwd, file)) ?? '' })),
  ]
  for (const { folder, text } of texts) {
    for (const [, name = ''] of text.matchAll(/\benv:([A-Za-z_]\w*)/g)) canaries.add(`value of ${name}`, env[name])
    for (const [, path = ''] of text.matchAll(/\bfile:([^\s"',}\]]+)/g)) {
      canaries.add(`content of ${path}`, readIfThere(resolve(folder, path))?.trim())
    }
  }
  for (const [token] of `${argv.join('\n')}\n${stdin}`.matchAll(/\beyJ[\w-]+\.[\w-]*\.[\w-]+/g))
    canaries.add('token that was handed in', token)
}

function addHeaderLine(canaries: Canaries, line: string): void {
  const [name = '', value = ''] = line.split(/: *(.*)/s)
  if (/^authorization$/i.test(name)) addAuthorization(canaries, value)
  else if (/^cookie$/i.test(name)) addCookies(canaries, value)
  else if (SECRET_NAME.test(name)) canaries.add(`value of ${name}`, value)
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Remembers the secrets of every request and answer, and reads what `-vv` would say of them, whether it was asked for or not. */
export function watchWire(request: RequestFunction, canaries: Canaries): RequestFunction {
  return async (asked) => {
    const lines: string[] = []
    addRequest(canaries, asked)
    const answer = await traceWire(request, (line) => void lines.push(line))(asked)
    addAnswer(canaries, answer)
    canaries.read('-vv', lines.join('\n'))
    return answer
  }
}

/** Remembers what somebody types: a password, or the address a login ended at. */
export function watchTyping(readLine: ReadLine, canaries: Canaries): ReadLine {
  return async (...call) => {
    const line = await readLine(...call)
    if (line?.includes('?')) addParameters(canaries, new URLSearchParams(line.slice(line.indexOf('?') + 1)))
    else canaries.add('line that was typed', line)
    return line
  }
}

function addRequest(canaries: Canaries, { url, headers = {}, body }: HttpRequest): void {
  const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  if (typeof authorization === 'string') addAuthorization(canaries, authorization)
  addParameters(canaries, url.searchParams)
  if (typeof body === 'string') addParameters(canaries, new URLSearchParams(body))
}

export function addAuthorization(canaries: Canaries, value: string): void {
  const [scheme = '', credentials = ''] = value.split(' ')
  canaries.add(`${scheme} credentials`, credentials)
  if (scheme.toLowerCase() === 'basic')
    canaries.add('password of Basic credentials', Buffer.from(credentials, 'base64').toString().split(/:(.*)/s)[1])
}

export function addParameters(canaries: Canaries, parameters: URLSearchParams): void {
  for (const [name, value] of parameters) if (name === 'code' || SECRET_FIELD.test(name)) canaries.add(`${name} that was sent`, value)
}

function addAnswer(canaries: Canaries, { headers, body }: Pick<HttpResponse, 'headers' | 'body'>): void {
  for (const cookie of [headers['set-cookie'] ?? []].flat()) addSetCookie(canaries, cookie)
  const location = headers['location']
  if (typeof location === 'string') addParameters(canaries, new URLSearchParams(location.slice(location.search(/[?#]/) + 1)))
  if (body.length > 0 && body.length < 100_000 && String(headers['content-type']).includes('json')) addMembers(canaries, body.toString())
}

/** A value that stands in the cookie's own path too is part of an address, and no secret. */
export function addSetCookie(canaries: Canaries, text: string): void {
  const [pair = '', ...attributes] = text.split('; ')
  if (!attributes.join().includes(pair.slice(pair.indexOf('=') + 1))) addCookies(canaries, pair)
}

export function addCookies(canaries: Canaries, text: string): void {
  for (const pair of text.split('; ')) canaries.add(`cookie ${pair.split('=')[0]}`, pair.slice(pair.indexOf('=') + 1))
}

/** Members of a JSON object whose names say that they are secret. */
export function addMembers(canaries: Canaries, text: string): void {
  try {
    for (const [name, value] of Object.entries(JSON.parse(text) as object)) {
      if (SECRET_FIELD.test(name) && typeof value === 'string') canaries.add(`${name} that was issued`, value)
    }
  } catch {
    // No JSON, so nothing that could be named.
  }
}
