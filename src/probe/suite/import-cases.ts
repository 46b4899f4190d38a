import { z } from 'zod'
import { formatIssue } from '../../errors.js'
import type { Host } from '../../host.js'
import { parseCurl } from '../import/curl.js'
import { parseHar } from '../import/har.js'
import type { KongImportOptions } from '../import/kong.js'
import { shellCommands } from '../import/shell-words.js'
import { headerText } from '../request.js'
import { readBeside, type SuitePlace } from './place.js'
import { readRequest, rooted } from './read-request.js'
import { sharedFields } from './shared-fields.js'
import type { ProbeCase, RequestTemplate } from './suite.js'
import type { WrittenImport, WrittenShared, WrittenSuite } from './suite-schema.js'

/** The cases an `import:` entry stands for. Recorded URLs are asked on the suite's gateway: their path is kept, their host is not. */
export async function importCases(
  entry: WrittenImport,
  suite: WrittenSuite,
  path: readonly PropertyKey[],
  place: SuitePlace,
  origin: ImportOrigin,
): Promise<ProbeCase[]> {
  if ('har' in entry) return importHar(entry, suite, path, place)
  if ('curl' in entry) return importCurl(entry, suite, path, place)
  return importKong(entry, suite, path, place, origin)
}

/** What a Kong document needs to know of its surroundings. */
export interface ImportOrigin {
  readonly env: Host['env']
  /** Whether the suite's gateway is spoken to by https. */
  readonly https: boolean
}

async function importHar(
  entry: Extract<WrittenImport, { har: string }>,
  suite: WrittenSuite,
  path: readonly PropertyKey[],
  place: SuitePlace,
) {
  const text = await readBeside(entry.har, [...path, 'har'], place)
  if (text === undefined) return []
  try {
    return parseHar(JSON.parse(text)).map(({ request, status }, index): ProbeCase => {
      const expect = entry.expect ?? (status === 0 ? {} : { status: [status] })
      return importedCase(entry, suite, {
        request: onGateway(request, place.folder),
        follow: 0,
        expect,
        where: `${entry.har} entry ${index + 1}`,
      })
    })
  } catch (error) {
    const why = error instanceof z.ZodError ? `${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}` : (error as Error).message
    place.at([...path, 'har'], 'not-a-har', `${entry.har} is no HAR file: ${why}`)
    return []
  }
}

async function importCurl(
  entry: Extract<WrittenImport, { curl: string }>,
  suite: WrittenSuite,
  path: readonly PropertyKey[],
  place: SuitePlace,
) {
  const text = await readBeside(entry.curl, [...path, 'curl'], place)
  return shellCommands(text ?? '').flatMap(({ command, line }): ProbeCase[] => {
    try {
      const { request, follow } = parseCurl(command)
      const kept =
        entry.as === undefined
          ? request
          : { ...request, headers: request.headers.filter(([name]) => name.toLowerCase() !== 'authorization') }
      return [
        importedCase(entry, suite, {
          request: onGateway(kept, place.folder),
          follow,
          expect: entry.expect ?? {},
          where: `${entry.curl}:${line}`,
        }),
      ]
    } catch (error) {
      place.at([...path, 'curl'], 'not-curl', `${entry.curl}:${line}: ${(error as Error).message}`)
      return []
    }
  })
}

async function importKong(
  { kong: file, tags, routes, ...parts }: Extract<WrittenImport, { kong: string }>,
  suite: WrittenSuite,
  path: readonly PropertyKey[],
  place: SuitePlace,
  { env, https }: ImportOrigin,
): Promise<ProbeCase[]> {
  const text = await readBeside(file, [...path, 'kong'], place)
  if (text === undefined) return []
  const [{ loadKongDocument }, { deriveCases }] = await Promise.all([import('../../kong/document.js'), import('../import/kong.js')])
  const { config, issues } = loadKongDocument([{ file, text }], { env })
  for (const issue of issues.filter(({ severity }) => severity === 'error'))
    place.at([...path, 'kong'], 'kong-document', formatIssue(issue))
  if (!config) return []
  const options = JSON.parse(JSON.stringify({ ...parts, routes, https })) as KongImportOptions
  return deriveCases(config, options).map(({ request, ...derived }) => ({
    ...importedCase({ ...(tags && { tags }), as: derived.as }, suite, { request, expect: derived.expect, follow: 0, where: file }),
    ...derived,
    follow: 0,
  }))
}

function importedCase(
  entry: Partial<WrittenShared>,
  suite: WrittenSuite,
  { request, ...rest }: Pick<ProbeCase, 'request' | 'expect' | 'follow' | 'where'>,
): ProbeCase {
  const read = readRequest({ method: request.method, path: request.target }, suite, { folder: '', at: () => undefined })
  const named = (name: string): boolean => headerText(request.headers, name) !== undefined
  const headers = [...(read?.request.headers ?? []).filter(([name]) => !named(name)), ...request.headers]
  const shared = sharedFields(entry, suite)
  return {
    ...shared,
    ...rest,
    follow: entry.follow ?? suite.follow ?? rest.follow,
    name: `${request.method} ${request.target} as ${shared.as}`,
    request: { ...request, headers },
    capture: {},
    only: false,
    control: false,
  }
}

const onGateway = (request: RequestTemplate, folder: string): RequestTemplate => {
  const body = rooted(request.body, folder)
  const target = request.target.replace(/^https?:\/\/[^/?#]*/i, '')
  return { ...request, target: target.startsWith('/') ? target : `/${target}`, ...(body && { body }) }
}
