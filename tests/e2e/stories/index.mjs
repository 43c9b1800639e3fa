// The order in which the stories are told.
import * as accessibility from './accessibility.mjs'
import * as administration from './administration.mjs'
import * as client from './client.mjs'
import * as console from './console.mjs'
import * as journeys from './journeys.mjs'
import * as languages from './languages.mjs'
import * as objects from './objects.mjs'
import * as people from './people.mjs'
import * as programs from './programs.mjs'

export const stories = [
  languages.setUp,
  administration.initialSetup,
  administration.setupIsClosed,
  administration.applyBlueprints,
  people.enrol,
  people.wrongPasswordThenRight,
  people.rememberedAndShown,
  people.demoApplication,
  people.demoApplicationWithSlash,
  people.library,
  client.openidClient,
  client.clientCredentials,
  programs.pythonClient,
  programs.nodeClient,
  console.enrolmentFromNothing,
  console.watchAndTry,
  ...journeys.all,
  objects.listsAndForms,
  languages.everyPage,
  languages.journeys,
  accessibility.flows,
  accessibility.journeys,
  accessibility.console,
  people.signOut,
  administration.restartKeepsEverything,
]
