import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'

/** Absolute path of a program on the PATH (or in the usual administrator folders), or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * A suite that needs foreign programs. Where one is missing the suite is skipped with its name and the reason;
 * in CI a missing program is a failure unless its installation was tried and failed (`OIDCGW_CI_MISSING`, made by `.ci/run`).
 */
export function describeWithPrograms(title: string, programs: readonly string[], body: () => void): void {
  const missing = programs.filter((program) => findProgram(program) === undefined)
  if (missing.length === 0) return void describe(title, body)
  const excused = (process.env['OIDCGW_CI_MISSING'] ?? '').split(' ')
  const unexcused = process.env['CI'] ? missing.filter((program) => !excused.includes(program)) : []
  if (unexcused.length > 0) throw new Error(`${title}: ${unexcused.join(', ')} must be installed in CI`)
  describe.skip(`${title} (skipped: ${missing.join(', ')} not installed)`, body)
}
