import { createWriteStream, type WriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { DocumentError, formatIssue, OidcgwError, type Issue } from '../../errors.js'
import { formatAccess } from '../../gateway/access-log.js'
import { startAdmin, type Admin } from '../../gateway/admin/admin.js'
import type { KeyPair } from '../../gateway/certificates.js'
import { startGateway, type Gateway } from '../../gateway/gateway.js'
import { PLUGINS } from '../../gateway/plugins/index.js'
import type { ProviderEntry } from '../../gateway/provider/registry.js'
import type { RouterFlavor } from '../../gateway/router/priority.js'
import type { Host } from '../../host.js'
import { redactText } from '../../http/redact.js'
import { loadKongDocument, type LoadedDocument } from '../../kong/document.js'
import type { KongConfig } from '../../kong/entities.js'
import { dangersOf } from '../../kong/lint/index.js'
import { checkKongVersion } from '../../kong/version.js'
import type { ExchangeTrace } from '../../trace/trace.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { readSources, sameTexts, watchFiles, type Source } from './gateway-watch.js'
import { readPemFile } from './pem-file.js'
import { untilAborted } from './until-aborted.js'

export interface GatewayRunOptions extends SharedOptions {
  readonly port: number
  readonly host: string
  readonly tlsPort?: number
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly admin?: string
  readonly watch?: boolean
  readonly accessLog?: boolean
  readonly trace?: string
  readonly sessionStore?: 'memory'
  readonly reasonHeader?: boolean
  readonly routerFlavor: RouterFlavor
  readonly kongVersion?: string
}

/** Serves Kong documents until the host's signal aborts. */
export async function gatewayRun(files: readonly string[], options: GatewayRunOptions, { host, err }: CommandContext): Promise<ExitCode> {
  const say = (line: string) => void (options.quiet || host.stderr.write(`${redactText(line)}\n`))
  const kongVersion = checkKongVersion(options.kongVersion)
  const reading = { env: host.env, ...(kongVersion !== undefined && { kongVersion }) }
  /** A document that can be served tells what it asks for in vain, and which protections it switches off. */
  const read = (sources: readonly Source[]): LoadedDocument => {
    const loaded = loadKongDocument(sources, reading)
    for (const issue of loaded.config ? [...loaded.issues, ...dangersOf(loaded, kongVersion)] : [])
      say(`${issue.severity === 'warning' ? err.warn('warning') : err.dim('note')}: ${formatIssue(issue)}`)
    return loaded
  }
  const load = (sources: readonly Source[]): KongConfig => {
    const { config, issues } = read(sources)
    if (!config) throw new DocumentError(errorsOf(issues))
    return config
  }
  const adminAddress = options.admin === undefined ? undefined : parseAddress(options.admin)
  let sources = await readSources(files, host)
  const config = load(sources)
  const ca = options.caFile === undefined ? undefined : await readPemFile('--ca-file', options.caFile, 'certificate', host)
  const tls = options.tlsPort === undefined ? undefined : { port: options.tlsPort, ...(await readKeyPair(options, host)) }
  const traceFile = options.trace === undefined ? undefined : await openTrace(resolve(host.cwd, options.trace))
  const gateway = await startGateway({
    config,
    host: options.host,
    port: options.port,
    now: () => host.now().getTime(),
    routerFlavor: options.routerFlavor,
    log: (level, message) => void ((level === 'info' && !options.verbose) || say(`${level}: ${message}`)),
    tracesKept: 0,
    ...((options.accessLog || traceFile) && {
      onTrace(trace: ExchangeTrace) {
        if (options.accessLog) host.stdout.write(`${formatAccess(trace)}\n`)
        traceFile?.write(`${redactText(JSON.stringify({ schema: 'oidcgw/trace/v1', ...trace }))}\n`)
      },
    }),
    ...(ca && { provider: { ca } }),
    ...(tls && { tls }),
    ...(options.sessionStore && { sessionStore: options.sessionStore }),
    ...(options.reasonHeader && { reasonHeader: true }),
  })
  const tried = new Set<ProviderEntry>()
  /** Discovery waits for a request, as in Kong; an issuer that leads nowhere is told now (gotcha 25), and tried again by its first request. */
  const tryIssuers = async (): Promise<void> => {
    const fresh = gateway.providers.list().filter((entry) => !tried.has(entry))
    for (const entry of fresh) tried.add(entry)
    const tries = await Promise.allSettled(fresh.map(async ({ discovery }) => discovery.load()))
    for (const { issuer, discovery } of fresh.filter((_, index) => tries[index]?.status === 'rejected')) {
      discovery.forget()
      if (!host.signal.aborted) say(`${err.warn('warning')}: routes of the issuer ${issuer} answer 401 until it can be discovered`)
    }
  }
  let admin: Admin | undefined
  let stopWatching: (() => void) | undefined
  try {
    admin =
      adminAddress &&
      (await startAdmin({
        gateway,
        ...adminAddress,
        text: textOf(sources),
        plugins: Object.keys(PLUGINS),
        load: (text) => read([{ file: 'POST /config', text }]),
        onPublished({ hash }) {
          say(`published ${hash}`)
          void tryIssuers()
        },
      }))
    const republish = async (): Promise<void> => {
      const next = await readSources(files, host, sources)
      if (sameTexts(next, sources)) return
      sources = next
      await gateway.publish(load(next))
      admin?.setText(textOf(next))
      say(`published ${gateway.config.hash}`)
      void tryIssuers()
    }
    if (options.watch) stopWatching = watchFiles(files, host, () => republish().catch((error: unknown) => sayKept(error, say)))
    announce(gateway, admin, options, host)
    void tryIssuers()
    await untilAborted(host.signal)
    return EXIT.yes
  } finally {
    stopWatching?.()
    await Promise.all([gateway.close(), admin?.close()])
    await closeTrace(traceFile)
  }
}

function announce(gateway: Gateway, admin: Admin | undefined, options: GatewayRunOptions, host: CommandContext['host']): void {
  const { hash } = gateway.config
  if (wantsJson(options))
    writeJson(host, {
      schema: 'oidcgw/gateway/v1',
      url: gateway.url,
      secure_url: gateway.secureUrl ?? null,
      admin: admin?.url ?? null,
      configuration_hash: hash,
    })
  else host.stdout.write(gateway.secureUrl === undefined ? `${gateway.url}\n` : `${gateway.url}\n${gateway.secureUrl}\n`)
  if (options.quiet || wantsJson(options)) return
  host.stderr.write(`The gateway runs; Ctrl-C stops it. Configuration ${hash}${admin ? `, Admin API at ${admin.url}` : ''}\n`)
}

const errorsOf = (issues: readonly Issue[]) => issues.filter(({ severity }) => severity === 'error')

/** A document that cannot be served: its errors, and that the old one stays. */
function sayKept(error: unknown, say: (line: string) => void): void {
  const lines = error instanceof OidcgwError ? error.message.split('\n') : [error instanceof Error ? error.message : String(error)]
  for (const line of lines) say(`error: ${line}`)
  say('the old document keeps serving')
}

const textOf = (sources: readonly Source[]): string => sources.map(({ text }) => text).join('\n---\n')

function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host = '127.0.0.1', digits = ''] = /^(?:(\[[0-9a-fA-F:.]+\]|[^:]+):)?(\d+)$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > 65_535)
    throw new OidcgwError('ERR_USAGE', `--admin: "${text}" is no port and no host:port`, { hint: 'Write 8001 or 127.0.0.1:8001' })
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
}

async function readKeyPair({ tlsCert, tlsKey }: GatewayRunOptions, host: Pick<Host, 'cwd'>): Promise<{ readonly keyPair?: KeyPair }> {
  if (tlsCert === undefined && tlsKey === undefined) return {}
  if (tlsCert === undefined || tlsKey === undefined) throw new OidcgwError('ERR_USAGE', '--tls-cert and --tls-key go together')
  // one after the other: of two that are wrong the first is named, always
  const cert = await readPemFile('--tls-cert', tlsCert, 'certificate', host)
  return { keyPair: { cert, key: await readPemFile('--tls-key', tlsKey, 'private key', host) } }
}

async function openTrace(path: string): Promise<WriteStream> {
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 })
  await new Promise<void>((done, reject) => {
    stream.once('open', () => done())
    stream.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new OidcgwError('ERR_USAGE', `${path} cannot be written (${cause.code ?? 'error'})`, {
          cause,
          hint: 'Check the path given to --trace',
        }),
      ),
    )
  })
  // A full disk stops the trace, never the gateway (F-42).
  stream.on('error', () => undefined)
  return stream
}

const closeTrace = (stream: WriteStream | undefined): Promise<void> => new Promise((done) => (stream ? stream.end(() => done()) : done()))
