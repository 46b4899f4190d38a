import type { Profile } from './profile.js'

/** A profile as the files leave it: `extends` applied, nothing required yet, since flags may still complete it. */
export interface ProfileEntry extends Partial<Omit<Profile, 'name' | 'client'>> {
  readonly client?: Partial<Profile['client']>
  /** `oidcgw.yaml:4:3`, where it is declared. */
  readonly where: string
}

/** The profiles of the project file laid over those of the person's own file. Plain JSON, no secret inside. */
export interface ProfileBook {
  /** Absolute path of the project file, when there is one. */
  readonly file: string | undefined
  readonly default_profile: string | undefined
  readonly profiles: Readonly<Record<string, ProfileEntry>>
}
