package vcard

// ProblemProperty says in a card that was not imported what is wrong with it. Imports ignore it.
const ProblemProperty = "X-IMPORT-PROBLEM"
