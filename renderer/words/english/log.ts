/** The log of a torrent. */
export const log = {
  list: "Log",
  time: "Time",
  kind: "Kind",
  text: "What happened",
  kindsShown: "Kinds shown",
  all: "All",
  nothing: "Nothing has happened yet.",
  kinds: {
    added: "Added",
    checking: "Checking",
    checked: "Checked",
    started: "Started",
    paused: "Paused",
    tracker: "Tracker",
    "piece-failed": "Failed piece",
    done: "Done",
    fault: "Fault",
    error: "Error",
    note: "Note",
  },
};
