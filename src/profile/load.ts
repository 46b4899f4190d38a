import { dirname, isAbsolute, resolve } from 'node:path'
import { locateIssues, parseSource, suggest, type SourceDocument } from '../config/document.js'
import { DocumentError, type Issue } from '../errors.js'
import type { Host } from '../host.js'
import type { ProfileBook, ProfileEntry } from './book.js'
import { readConfigFiles, type ConfigFile, type ConfigFiles } from './files.js'
import { knownKeys, ProjectSchema, type WrittenProfile, type WrittenProject } from './schema.js'

/** A gateway of the project file. */
export interface ProjectGateway {
  readonly url: string
  /** Absolute path of its Kong document. */
  readonly kong?: string
  readonly echo?: string
}

/** The project file, checked. Suites are the raw value: the room that runs them checks them, with `source` for positions. */
export interface Project extends ProfileBook {
  readonly source: SourceDocument | undefined
  readonly gateways: Readonly<Record<string, ProjectGateway>>
  readonly suites: unknown
}

export interface LoadOptions {
  /** `-c FILE`; default `$OIDCGW_CONFIG`, then `oidcgw.yaml` in the working folder. */
  readonly configFile?: string | undefined
}

/**
 * Reads the project file over the person's own file. Without any file the result is empty, which is no error: flags may say everything.
 * @throws {DocumentError} every problem of both files, each with file, line and column.
 * @throws {OidcgwError} `ERR_CONFIG_NOT_FOUND` when a named file cannot be read.
 */
export async function loadProject(host: Pick<Host, 'env' | 'cwd'>, { configFile }: LoadOptions = {}): Promise<Project> {
  return readProject(await readConfigFiles(host, configFile))
}

/** The same from texts already read. */
export function readProject({ project, user }: ConfigFiles): Project {
  const layers = [user, project].filter((file) => file !== undefined).map(readLayer)
  const issues = layers.flatMap((layer) => layer.issues)
  const profiles = issues.length === 0 ? mergeLayers(layers, issues) : {}
  const main = layers.find(({ file }) => file === project)
  const named = layers.findLast(({ value }) => value.default_profile !== undefined)
  if (issues.length === 0 && named && !Object.hasOwn(profiles, named.value.default_profile ?? '')) {
    issues.push(unknownProfile(named, ['default_profile'], named.value.default_profile ?? '', Object.keys(profiles)))
  }
  if (issues.length > 0) throw new DocumentError(issues)
  return {
    file: project?.path,
    default_profile: named?.value.default_profile,
    profiles,
    source: main?.source,
    gateways: Object.assign({}, ...layers.map(gatewaysOf)) as Project['gateways'],
    suites: main?.value.suites,
  }
}

interface Layer {
  readonly file: ConfigFile
  readonly source: SourceDocument
  readonly value: WrittenProject
  readonly issues: readonly Issue[]
}

function readLayer(file: ConfigFile): Layer {
  const source = parseSource(file.text, file.shown)
  if (source.issues.length > 0) return { file, source, value: {}, issues: source.issues }
  const result = ProjectSchema.safeParse(source.value ?? {})
  return result.success
    ? { file, source, value: result.data, issues: [] }
    : { file, source, value: {}, issues: locateIssues(source, result.error, knownKeys) }
}

function mergeLayers(layers: readonly Layer[], issues: Issue[]): Record<string, ProfileEntry> {
  const names = [...new Set(layers.flatMap(({ value }) => Object.keys(value.profiles ?? {})))]
  const written = new Map(
    names.map((name) => {
      const own = layers.filter(({ value }) => Object.hasOwn(value.profiles ?? {}, name))
      return [name, { owner: own.at(-1) as Layer, profile: own.map((layer) => rooted(layer, name)).reduce(over) }] as const
    }),
  )
  const entry = (name: string, seen: readonly string[]): WrittenProfile => {
    const { owner, profile } = written.get(name) as { owner: Layer; profile: WrittenProfile }
    const parent = profile.extends
    if (parent === undefined) return profile
    const path = ['profiles', name, 'extends']
    if (seen.includes(parent)) {
      // Every member of the circle could tell: the first by name does.
      if (parent === seen[0] && parent === seen.toSorted()[0]) {
        const first = ['profiles', parent, 'extends']
        const { file, source } = (written.get(parent) as { owner: Layer }).owner
        const at = { file: file.shown, ...source.position(first), path: first.join('.') }
        issues.push({ id: 'extends-circle', severity: 'error', message: `goes in a circle: ${[...seen, parent].join(' → ')}`, ...at })
      }
      return profile
    }
    if (!written.has(parent)) {
      if (seen[0] === name) issues.push(unknownProfile(owner, path, parent, names))
      return profile
    }
    return over(entry(parent, [...seen, parent]), profile)
  }
  return Object.fromEntries(
    names.map((name) => {
      const { extends: _, login, ...rest } = entry(name, [name])
      const owner = written.get(name)?.owner as Layer
      const { line, column } = owner.source.position(['profiles'], name)
      const where = [owner.file.shown, line, column].join(':')
      const { timeout, ...loginRest } = login ?? {}
      return [name, { ...rest, ...(login && { login: { ...loginRest, ...(timeout !== undefined && { timeoutMs: timeout }) } }), where }]
    }),
  ) as Record<string, ProfileEntry>
}

/** Paths in a file are relative to that file, wherever the command runs. */
function rooted({ file, value }: Layer, name: string): WrittenProfile {
  const folder = dirname(file.path)
  const path = (text: string): string => (isAbsolute(text) ? text : resolve(folder, text))
  const reference = (text: string): string => (text.startsWith('file:') ? `file:${path(text.slice(5))}` : text)
  const within = <T extends object>(part: T | undefined, fields: Readonly<Record<string, (text: string) => string>>): T | undefined =>
    part && (Object.fromEntries(Object.entries(part).map(([key, text]) => [key, fields[key]?.(text as string) ?? text])) as T)
  const profile = value.profiles?.[name] ?? {}
  return within(
    {
      ...profile,
      ...(profile.client && { client: within(profile.client, { secret: reference, key: reference, cert: path }) }),
      ...(profile.login && { login: within(profile.login, { password: reference }) }),
      ...(profile.exchange && { exchange: within(profile.exchange, { subject_token: reference, actor_token: reference }) }),
    },
    { assertion: reference },
  ) as WrittenProfile
}

/** What the upper one says wins, field by field inside `client`, `login` and `params`. */
function over(lower: WrittenProfile, upper: WrittenProfile): WrittenProfile {
  const client = { ...lower.client, ...upper.client }
  const login = { ...lower.login, ...upper.login }
  const params = { ...lower.params, ...upper.params }
  return {
    ...lower,
    ...upper,
    ...(Object.keys(client).length > 0 && { client }),
    ...(Object.keys(login).length > 0 && { login }),
    ...(Object.keys(params).length > 0 && { params }),
  }
}

function unknownProfile({ file, source }: Layer, path: readonly string[], name: string, names: readonly string[]): Issue {
  const nearest = suggest(name, names)
  return {
    id: 'unknown-profile',
    severity: 'error',
    message: `no profile named "${name}"`,
    file: file.shown,
    ...source.position(path),
    path: path.join('.'),
    advice: nearest ? `did you mean "${nearest}"?` : `there are: ${names.join(', ') || 'none'}`,
  }
}

function gatewaysOf({ file, value }: Layer): Record<string, ProjectGateway> {
  return Object.fromEntries(
    Object.entries(value.gateways ?? {}).map(([name, { url, kong, echo }]) => {
      return [name, { url, ...(kong && { kong: resolve(dirname(file.path), kong) }), ...(echo && { echo }) }]
    }),
  )
}
