import { Download, Gauge, type LucideIcon, Network, Palette, Search, ShieldCheck, Waypoints } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import type { SessionView } from "../../../core/contract/views.ts";
import { isFound, searchTerms } from "../../format/search.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { DialogWindow } from "../parts/window.tsx";
import { type SectionId, type SettingsSection, settingsSections } from "./sections.ts";
import { Setting } from "./setting-row.tsx";

const ICONS: Record<SectionId, LucideIcon> = {
  look: Palette,
  downloads: Download,
  speed: Gauge,
  connections: Network,
  finding: Waypoints,
  privacy: ShieldCheck,
};

/** Everything that can be set, by subject or as a search finds it; each change holds at once. */
export function SettingsDialog() {
  const session = useApp((state) => state.engine.session);
  return session === undefined ? null : <SettingsWindow session={session} />;
}

function SettingsWindow({ session }: { session: SessionView }) {
  const { closeDialog } = useActions();
  const [text, setText] = useState("");
  const [chosen, choose] = useState<SectionId>("look");
  const page = useRef<HTMLDivElement>(null);
  const terms = searchTerms(text);
  const all = settingsSections(session);
  const found = terms.length === 0 ? all : all.map((section) => narrowed(section, terms));
  const shown =
    terms.length === 0 ? all.filter(({ id }) => id === chosen) : found.filter(({ rows }) => rows.length > 0);

  function close(): void {
    // What is typed holds when its field is left.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    closeDialog();
  }

  function handleKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && text !== "") setText("");
    else if (event.key === "Enter") page.current?.querySelector<HTMLElement>("input, select, button")?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <DialogWindow
      title={say.settings.title}
      description={say.settings.atOnce}
      testId="settings-dialog"
      size="huge"
      onClose={close}
    >
      <div className="settings">
        <nav className="settings-nav" aria-label={say.settings.subjects}>
          <label className="field-box icon-field settings-search">
            <Search size={14} aria-hidden="true" />
            <input
              type="text"
              value={text}
              placeholder={say.settings.search}
              aria-label={say.settings.search}
              spellCheck={false}
              data-first
              data-testid="settings-search"
              onChange={(event) => setText(event.target.value)}
              onKeyDown={handleKey}
            />
          </label>
          {found.map(({ id, title, rows }) => {
            const Icon = ICONS[id];
            return (
              <button
                key={id}
                type="button"
                className="settings-subject"
                aria-current={terms.length === 0 && id === chosen}
                data-empty={rows.length === 0}
                data-testid={`settings-${id}`}
                onClick={() => {
                  setText("");
                  choose(id);
                }}
              >
                <Icon size={15} strokeWidth={1.75} aria-hidden="true" />
                <span className="ellipsis">{title}</span>
                {terms.length > 0 && rows.length > 0 && <span className="settings-hits">{rows.length}</span>}
              </button>
            );
          })}
        </nav>
        <div className="settings-page" ref={page} data-testid="settings-page">
          {shown.map(({ id, title, rows }) => (
            <section key={id} aria-labelledby={`settings-title-${id}`}>
              <h3 id={`settings-title-${id}`}>{title}</h3>
              {rows.map((row) => (
                <Setting key={row.label} row={row} settings={session.settings} terms={terms} />
              ))}
              {id === "finding" && terms.length === 0 && <p className="setting-note">{say.settings.privateNote}</p>}
            </section>
          ))}
          {shown.length === 0 && (
            <p className="nothing" role="status" data-testid="settings-nothing">
              {say.settings.nothingFound(text.trim())}
            </p>
          )}
        </div>
      </div>
    </DialogWindow>
  );
}

/** Its rows that the terms find; all of them where its title is found. */
function narrowed(section: SettingsSection, terms: readonly string[]): SettingsSection {
  const rows = section.rows.filter(({ label, note }) => isFound(terms, [section.title, label, note]));
  return { ...section, rows };
}
