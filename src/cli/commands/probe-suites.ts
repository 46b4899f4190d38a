import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { ErrorCode } from '../../errors.js'
import { OidcgwError } from '../../errors.js'
import { suggest } from '../../config/document.js'
import { createAuthorize } from '../../probe/identities.js'
import type { ProbeReport } from '../../probe/report.js'
import { readBaseline } from '../../probe/run/baseline.js'
import { runSuites } from '../../probe/run/run-suites.js'
import { profileFields } from '../../probe/profile-fields.js'
import { loadSuites, readSuiteFile, type SuiteDocument } from '../../probe/suite/load.js'
import type { ProbeSuite } from '../../probe/suite/suite.js'
import { loadProject, type Project } from '../../profile/load.js'
import { overridesFrom, resolveProfile } from '../../profile/resolve.js'
import type { Command, CommandContext } from '../context.js'
import { EXIT, EXIT_CODES, worstExit, type ExitCode } from '../exit-codes.js'
import { clientOptions, type ClientFlags } from './login-context.js'
import { parseResolve } from './probe-network.js'
import { openReports } from './probe-reports.js'

export interface ProbeSuitesOptions extends Pick<ClientFlags, 'browser' | 'store'> {
  readonly gateway?: string
  readonly resolve?: readonly string[]
  readonly report?: readonly string[]
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  readonly jobs?: number
  readonly repeat?: number
  readonly bail?: number
  readonly baseline?: string
}

/** `probe [SUITE…]`: suites by name or file, every suite of the project without one. */
export const probeSuites: Command<[readonly string[]], ProbeSuitesOptions> = async ([names], options, context) => {
  const { host } = context
  const project = await loadProject(host, { configFile: options.config })
  const suites = await findSuites(names, project, options, context)
  const baseline =
    options.baseline === undefined
      ? undefined
      : readBaseline(await readText(resolve(host.cwd, options.baseline), options.baseline), options.baseline)
  const obtain = await clientOptions(options, host)
  const overrides = overridesFrom(options, host.env)
  const resolveMap = options.resolve && parseResolve(options.resolve)
  const reports = await openReports(options.report ?? [], options, context)
  try {
    const report = await runSuites(suites, {
      host,
      authorize: createAuthorize({ host, profiles: project, overrides, obtain }),
      profileFields: (identity) =>
        /^basic:.*:/.test(identity) ? {} : profileFields(resolveProfile(project, identity.replace(/^basic:/, ''), overrides)),
      transport: { env: host.env, ...(obtain.tls && { tls: obtain.tls }), ...(resolveMap && { resolve: resolveMap }) },
      keepResults: reports.keepsResults,
      onStart: reports.start,
      onResult: reports.result,
      ...(options.only && { only: options.only }),
      ...(options.skip && { skip: options.skip }),
      ...(options.jobs !== undefined && { jobs: options.jobs }),
      ...(options.repeat !== undefined && { repeat: options.repeat }),
      ...(options.bail !== undefined && { bail: options.bail }),
      ...(options.timeout !== undefined && { timeoutMs: options.timeout }),
      ...(options.allowHttp && { allowHttp: true }),
      ...(baseline && { baseline }),
    })
    reports.finish(report)
    return exitOf(report)
  } finally {
    // After an interruption too: what has been streamed is said to its end, and no document is half written.
    await reports.close()
  }
}

/** A proven hole is never hidden behind an unreachable host, and nothing run is never green. */
export function exitOf({ counts, errors, stale }: Pick<ProbeReport, 'counts' | 'errors' | 'stale'>): ExitCode {
  const ran = counts.pass + counts.fail + counts.error + counts.known
  return worstExit([
    ...(counts.fail > 0 || stale.length > 0 ? [EXIT.no] : []),
    ...(Object.keys(errors) as ErrorCode[]).map((code) => EXIT_CODES[code]),
    ...(ran === 0 ? [EXIT.inconclusive] : []),
  ])
}

async function findSuites(
  names: readonly string[],
  project: Project,
  options: ProbeSuitesOptions,
  { host }: CommandContext,
): Promise<ProbeSuite[]> {
  const documents: SuiteDocument[] = []
  const inProject = typeof project.suites === 'object' && project.suites !== null ? Object.keys(project.suites) : []
  const files = names.filter((name) => /\.(ya?ml|json)$/.test(name))
  const wanted = names.filter((name) => !files.includes(name))
  for (const name of wanted) {
    if (inProject.includes(name)) continue
    const nearest = suggest(name, inProject)
    throw new OidcgwError('ERR_USAGE', `no suite named "${name}"`, {
      hint: nearest
        ? `Did you mean "${nearest}"?`
        : inProject.length > 0
          ? `Suites: ${inProject.join(', ')}`
          : 'Name a URL, a /path or a suite file (.yaml, .yml, .json)',
    })
  }
  if (names.length === 0 && inProject.length === 0) {
    throw new OidcgwError('ERR_USAGE', 'probe: nothing to probe', {
      hint: 'Name a URL, a /path on the gateway, or write suites: in oidcgw.yaml',
    })
  }
  if (project.source && project.file !== undefined && (wanted.length > 0 || names.length === 0)) {
    documents.push({ source: project.source, folder: dirname(project.file), name: 'suites' })
  }
  for (const file of files) documents.push(await readSuiteFile(resolve(host.cwd, file), file))
  const loaded = await loadSuites(documents, {
    host,
    gateways: project.gateways,
    profiles: Object.keys(project.profiles),
    ...(options.gateway && { gateway: options.gateway }),
  })
  const fromProject = new Set(inProject)
  return wanted.length === 0 ? loaded : loaded.filter(({ name }) => !fromProject.has(name) || wanted.includes(name))
}

async function readText(path: string, shown: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${shown} cannot be read (${cause.code ?? 'error'})`, {
      cause,
      hint: 'Check the path given to --baseline',
    })
  })
}
