import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { suggest } from '../../config/document.js'
import { ANONYMOUS } from '../authorize.js'
import { templateReferences } from '../template.js'
import { valueAt, type SuiteContext, type SuitePlace } from './place.js'
import type { WrittenSuite } from './suite-schema.js'

/** What a schema cannot see: identities and captures that exist, environment variables that are set, files that can be read. */
export async function checkCases(written: WrittenSuite, place: SuitePlace, context: SuiteContext): Promise<void> {
  checkIdentity(written.as, ['as'], place, context)
  const captured = new Set<string>()
  for (const group of ['setup', 'cases', 'teardown'] as const) {
    for (const [index, one] of (written[group] ?? []).entries()) {
      const path = [group, index]
      checkIdentity(one.as, [...path, 'as'], place, context)
      checkTemplates(valueAt(place, path), path, { captured, as: one.as ?? written.as ?? ANONYMOUS, place, context })
      for (const name of Object.keys(one.capture ?? {})) captured.add(name)
      await checkFile(one.file, [...path, 'file'], place)
      for (const [part, { file }] of (one.multipart ?? []).entries()) await checkFile(file, [...path, 'multipart', part, 'file'], place)
    }
  }
  checkTemplates(valueAt(place, ['headers']), ['headers'], { captured: new Set(), as: written.as ?? ANONYMOUS, place, context })
  const isList = Array.isArray(valueAt(place, ['matrix']))
  for (const [number, { as }] of (written.matrix ?? []).entries()) {
    for (const [index, identity] of as.entries())
      checkIdentity(identity, ['matrix', ...(isList ? [number] : []), 'as', index], place, context)
  }
  const imports = Array.isArray(valueAt(place, ['import']))
  for (const [number, entry] of (written.import ?? []).entries()) {
    const path = ['import', ...(imports ? [number] : [])]
    if (!('kong' in entry)) {
      checkIdentity(entry.as, [...path, 'as'], place, context)
      continue
    }
    for (const role of ROLES) {
      checkIdentity(entry[role], [...path, role], place, context)
      for (const [route, own] of Object.entries(entry.routes ?? {}))
        checkIdentity(own[role], [...path, 'routes', route, role], place, context)
    }
  }
}

const ROLES = ['good', 'wrong_audience', 'missing_scope', 'missing_group'] as const

function checkIdentity(identity: string | undefined, path: readonly PropertyKey[], { at }: SuitePlace, { profiles }: SuiteContext): void {
  if (identity === undefined || identity === ANONYMOUS) return
  const basic = /^basic:(.+)$/.exec(identity)?.[1]
  if (basic?.includes(':')) return
  const name = basic ?? identity
  if (profiles.includes(name)) return
  const nearest = suggest(name, [...profiles, ANONYMOUS])
  at(
    path,
    'unknown-profile',
    `no profile named "${name}"`,
    nearest ? `did you mean "${nearest}"?` : `there are: ${profiles.join(', ') || 'none'}`,
  )
}

interface TemplateContext {
  readonly captured: ReadonlySet<string>
  readonly as: string
  readonly place: SuitePlace
  readonly context: SuiteContext
}

function checkTemplates(value: unknown, path: readonly PropertyKey[], scope: TemplateContext): void {
  if (typeof value === 'string') {
    for (const reference of templateReferences(value)) {
      const problem = problemOf(reference, scope)
      if (problem) scope.place.at(path, 'template', problem)
    }
  } else if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) checkTemplates(entry, [...path, index], scope)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, entry] of Object.entries(value)) checkTemplates(entry, [...path, key], scope)
  }
}

function problemOf(
  reference: ReturnType<typeof templateReferences>[number],
  { captured, as, context }: TemplateContext,
): string | undefined {
  switch (reference.kind) {
    case 'unknown':
      return reference.problem
    case 'env':
      return context.host.env[reference.name] === undefined ? `the environment variable ${reference.name} is not set` : undefined
    case 'captures': {
      if (captured.has(reference.name)) return undefined
      const nearest = suggest(reference.name, [...captured])
      return `nothing before captures "${reference.name}"${nearest ? ` (did you mean "${nearest}"?)` : ''}`
    }
    case 'profile':
      return as === ANONYMOUS ? `\${profile.${reference.name}}: the case runs as nobody, so there is no profile` : undefined
    default:
      return undefined
  }
}

async function checkFile(file: string | undefined, path: readonly PropertyKey[], { folder, at }: SuitePlace): Promise<void> {
  if (file === undefined) return
  await access(resolve(folder, file)).catch((error: NodeJS.ErrnoException) =>
    at(path, 'file-missing', `${file} cannot be read (${error.code ?? 'error'})`),
  )
}
