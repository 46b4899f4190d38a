import { basename, dirname, resolve } from 'node:path'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { locateIssues, parseSource, suggest, type SourceDocument } from '../../config/document.js'
import { holdsPem, pemHint } from '../../config/pem.js'
import { DocumentError, OidcgwError } from '../../errors.js'
import type { TlsOptions } from '../../host.js'
import { checkCases } from './check.js'
import type { SuiteContext } from './place.js'
import { Problems } from './problems.js'
import { readCases } from './read-cases.js'
import type { ProbeSuite, SuiteGateway } from './suite.js'
import { knownSuiteKeys, SuiteSchema, type WrittenSuite } from './suite-schema.js'

/** A document that holds suites: a project file under `suites`, or a file that is one suite. */
export interface SuiteDocument {
  readonly source: SourceDocument
  /** Paths in it are relative to this folder. */
  readonly folder: string
  /** Name of the suite when the document is one. */
  readonly name: string
}

/**
 * Reads a suite file. @throws {OidcgwError} `ERR_CONFIG_NOT_FOUND`; {@link DocumentError} when it is no YAML.
 * @param shown how messages name the file.
 */
export async function readSuiteFile(path: string, shown: string): Promise<SuiteDocument> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_CONFIG_NOT_FOUND', `${shown} cannot be read (${cause.code ?? 'error'})`, {
      cause,
      hint: 'Name a suite of oidcgw.yaml, or a file',
    })
  })
  const source = parseSource(text, shown)
  if (source.issues.length > 0) throw new DocumentError(source.issues)
  return { source, folder: dirname(path), name: basename(path).replace(/\.(ya?ml|json)$/, '') }
}

/**
 * The suites of some documents, checked and expanded, in the order written. Nothing is sent.
 * @throws {DocumentError} with every problem of every suite, each with file, line and column.
 */
export async function loadSuites(documents: readonly SuiteDocument[], context: SuiteContext): Promise<ProbeSuite[]> {
  const problems = new Problems()
  const suites: ProbeSuite[] = []
  for (const document of documents) suites.push(...(await loadDocument(document, context, problems)))
  problems.throwIfAny()
  return suites
}

async function loadDocument(document: SuiteDocument, context: SuiteContext, problems: Problems): Promise<ProbeSuite[]> {
  const { source, name } = document
  const value = source.value as { readonly suites?: unknown } | null
  const nested = typeof value === 'object' && value !== null && 'suites' in value
  const written = nested ? value.suites : { [name]: value }
  const prefix = nested ? ['suites'] : []
  const schema = z.record(z.string(), SuiteSchema)
  const parsed = schema.safeParse(written ?? {})
  const place = (path: readonly PropertyKey[]): PropertyKey[] => (nested ? ['suites', ...path] : path.slice(1))
  if (!parsed.success) {
    const error = new z.ZodError(parsed.error.issues.map((issue) => ({ ...issue, path: place(issue.path) })))
    problems.add(...locateIssues(source, error, (path) => knownSuiteKeys(path.slice(prefix.length + (nested ? 1 : 0)))))
    return []
  }
  const suites: ProbeSuite[] = []
  for (const [suiteName, suite] of Object.entries(parsed.data)) {
    const made = await readSuite(suiteName, suite, place([suiteName]), document, context, problems)
    if (made) suites.push(made)
  }
  return suites
}

async function readSuite(
  name: string,
  written: WrittenSuite,
  path: readonly PropertyKey[],
  document: SuiteDocument,
  context: SuiteContext,
  problems: Problems,
): Promise<ProbeSuite | undefined> {
  const at = problems.within(document.source, path)
  const gateway = chooseGateway(written, context, at)
  const place = { source: document.source, folder: document.folder, path, at }
  const groups = await readCases(written, place, { env: context.host.env, https: gateway?.url.startsWith('https:') ?? false })
  await checkCases(written, place, context)
  const tls = await readTls(written, document.folder, at)
  if (!gateway) return undefined
  return { name, gateway, ...groups, ...(tls && { tls }), ...(written.resolve && { resolve: written.resolve }) }
}

function chooseGateway(
  written: WrittenSuite,
  { gateways, gateway, host }: SuiteContext,
  at: ReturnType<Problems['within']>,
): SuiteGateway | undefined {
  const names = Object.keys(gateways)
  const echo = written.echo === undefined ? {} : { echo: written.echo }
  const wanted = gateway ?? written.gateway
  const listed = names.length > 0 ? `there are: ${names.join(', ')}` : 'write gateways: { local: { url: … } }'
  if (wanted !== undefined) {
    const found = Object.hasOwn(gateways, wanted) ? gateways[wanted] : undefined
    const nearest = suggest(wanted, names)
    if (!found) at(['gateway'], 'unknown-gateway', `no gateway named "${wanted}"`, nearest ? `did you mean "${nearest}"?` : listed)
    return found && { ...found, ...echo }
  }
  const url = written.url ?? host.env['OIDCGW_GATEWAY_URL']
  if (url) {
    if (!/^https?:\/\//.test(url)) at(['url'], 'invalid-value', `"${url}" is no http or https URL`)
    return { url, ...echo }
  }
  const [only] = names
  if (only !== undefined && names.length === 1) return { ...(gateways[only] as SuiteGateway), ...echo }
  at([], 'no-gateway', names.length === 0 ? 'no gateway is known' : 'several gateways are known; say which', listed)
  return undefined
}

async function readTls({ tls }: WrittenSuite, folder: string, at: ReturnType<Problems['within']>): Promise<TlsOptions | undefined> {
  if (!tls) return undefined
  const read = async (field: 'cert' | 'key' | 'ca'): Promise<string | undefined> => {
    const file = tls[field]
    return file === undefined
      ? undefined
      : readFile(resolve(folder, file), 'utf8').then(
          (text) => {
            const kind = field === 'key' ? 'private key' : 'certificate'
            if (!holdsPem(text, kind)) at(['tls', field], 'no-pem', `${file} holds no ${kind}`, pemHint(kind))
            return text
          },
          (error: NodeJS.ErrnoException) => {
            at(['tls', field], 'file-missing', `${file} cannot be read (${error.code ?? 'error'})`)
            return undefined
          },
        )
  }
  const [cert, key, ca] = await Promise.all([read('cert'), read('key'), read('ca')])
  return { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) }
}
