import type { Command } from "../contract/messages.ts";
import type { Announcer } from "../discovery/announcer.ts";
import type { Timestamp } from "../model/units.ts";

export type TrackerEdit = Extract<Command, { kind: "edit-trackers" }>["edit"];

/** @returns What was done, for the log; undefined when nothing was. */
export function editTrackers(announcer: Announcer, edit: TrackerEdit, now: Timestamp): string | undefined {
  switch (edit.kind) {
    case "add": {
      const added = announcer.merge(edit.urls.map((url) => [url]));
      return added === 0 ? undefined : `${added} ${added === 1 ? "tracker" : "trackers"} added by hand.`;
    }
    case "remove":
      return announcer.remove(edit.url, now) ? `${edit.url} removed by hand.` : undefined;
    case "replace":
      return announcer.replace(edit.url, edit.by, now) ? `${edit.url} is ${edit.by} from now on.` : undefined;
  }
}
