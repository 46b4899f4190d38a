import { readFile } from 'node:fs/promises'
import { resolve as resolvePath } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { loadProject } from '../../profile/load.js'
import { overridesFrom } from '../../profile/resolve.js'
import { ANONYMOUS } from '../../probe/authorize.js'
import { sendProven } from '../../probe/run/proven-send.js'
import { createAuthorize } from '../../probe/identities.js'
import { readEcho } from '../../probe/echo.js'
import { assertAll, type Expectation } from '../../probe/expect/index.js'
import { parseStatusExpectation } from '../../probe/expect/status.js'
import { createMask, credentialsOf, withoutSecrets } from '../../probe/record.js'
import { headerText, parseHeaderLine, withHeader, type HeaderPair, type ProbeRequest } from '../../probe/request.js'
import { checkTransportSecurity } from '../../probe/transport-security.js'
import { createTransport } from '../../probe/transport.js'
import { wantsJson, writeJson, type Command } from '../context.js'
import { EXIT } from '../exit-codes.js'
import { describeAnswer, writeAnswer } from './probe-answer.js'
import { clientOptions, type ClientFlags } from './login-context.js'
import { parseResolve } from './probe-network.js'
import { resolveTarget } from './probe-target.js'
import { waitForConfig } from './probe-wait-config.js'
import { readStdin } from '../read-stdin.js'

export interface ProbeRequestOptions extends Pick<ClientFlags, 'browser' | 'store'> {
  readonly as?: string
  readonly gateway?: string
  readonly expect?: string
  readonly expectHeader?: readonly string[]
  readonly method?: string
  readonly header?: readonly string[]
  readonly data?: string
  readonly waitConfig?: string
  readonly admin?: string
  readonly resolve?: readonly string[]
}

/** `probe URL|/path`: one request, its answer in full. Without an expectation any answer is a yes. */
export const probeRequest: Command<[string], ProbeRequestOptions> = async ([text], options, context) => {
  const { host } = context
  const expectation = readExpectation(options)
  const project = await loadProject(host, { configFile: options.config })
  const target = resolveTarget(text, { gateways: project.gateways, env: host.env, ...(options.gateway && { gateway: options.gateway }) })
  const identity = options.as ?? options.profile ?? ANONYMOUS
  const plain = await buildRequest(target, options, host)
  const carriesCredential = identity !== ANONYMOUS || plain.headers.some(([name]) => /^(authorization|cookie)$/i.test(name))
  checkTransportSecurity(target.origin, carriesCredential, options.allowHttp)
  const obtain = await clientOptions(options, host)
  const resolve = options.resolve && parseResolve(options.resolve)
  const transport = await createTransport({ env: host.env, ...(obtain.tls && { tls: obtain.tls }), ...(resolve && { resolve }) })
  try {
    const sendOptions = { signal: host.signal, ...(options.timeout !== undefined && { timeoutMs: options.timeout }) }
    const authorize = createAuthorize({
      host,
      profiles: project,
      overrides: overridesFrom(options, host.env),
      obtain,
    })
    if (options.waitConfig) await waitForConfig(options.waitConfig, options, host)
    const hop = await sendProven(plain, {
      authorize: (request, nonce) => authorize(request, { name: identity }, nonce),
      send: async (request) => ({ request, answer: await transport.send(request, sendOptions) }),
      nonces: new Map(),
    })
    const { request, answer } = hop
    const upstream = readEcho(answer, target.echo)
    const secrets = credentialsOf(plain.headers, request.headers)
    const assertions = withoutSecrets(assertAll(expectation, { hops: [hop], answer, upstream, now: host.now() }), secrets)
    const mask = createMask(secrets)
    const description = describeAnswer({ hop, identity, upstream, assertions, mask })
    if (wantsJson(options)) writeJson(host, description)
    else writeAnswer(description, context, options)
    return assertions.every(({ outcome }) => outcome === 'pass') ? EXIT.yes : EXIT.no
  } finally {
    await transport.close()
  }
}

function readExpectation({ expect, expectHeader }: ProbeRequestOptions): Expectation {
  const headers = (expectHeader ?? []).map((text) => {
    const at = text.indexOf('=')
    if (at < 1)
      throw new OidcgwError('ERR_USAGE', `--expect-header: "${text}" is no name=value`, {
        hint: 'For example content-type=application/json',
      })
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  return {
    ...(expect !== undefined && { status: parseStatusExpectation(expect) }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
  }
}

async function buildRequest(
  target: { readonly origin: string; readonly path: string },
  { method, header = [], data }: ProbeRequestOptions,
  host: Host,
): Promise<ProbeRequest> {
  const body = data === undefined ? undefined : await readData(data, host)
  let headers: HeaderPair[] = [
    ['user-agent', 'oidcgw'],
    ['accept', '*/*'],
  ]
  const given = header.map(parseHeaderLine)
  headers = [...headers.filter(([name]) => headerText(given, name) === undefined), ...given]
  if (body !== undefined && headerText(headers, 'content-type') === undefined) {
    headers = withHeader(headers, 'content-type', looksLikeJson(body) ? 'application/json' : 'application/x-www-form-urlencoded')
  }
  return {
    method: (method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase(),
    ...pick(target),
    headers,
    ...(body !== undefined && { body }),
  }
}

const pick = ({ origin, path }: { readonly origin: string; readonly path: string }) => ({ origin, path })

const looksLikeJson = (body: string | Uint8Array): boolean => /^\s*[[{]/.test(Buffer.from(body).subarray(0, 64).toString('latin1'))

async function readData(data: string, host: Host): Promise<string | Uint8Array> {
  if (data === '-') return readStdin(host.stdin)
  if (!data.startsWith('@')) return data
  return readFile(resolvePath(host.cwd, data.slice(1))).catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${data.slice(1)} cannot be read (${cause.code ?? 'error'})`, {
      cause,
      where: '--data',
      hint: 'Check the path; a body that begins with @ comes from stdin: -d -',
    })
  })
}
