import { FileDown, Grid3x3, type LucideIcon, MessageCircleQuestion, Users } from "lucide-react";
import { say } from "../words/say.ts";
import { useChooseTorrents } from "./file-chooser.tsx";
import { shortcut } from "./keys.ts";
import { Button } from "./parts/buttons.tsx";
import { SourceField } from "./source-field.tsx";

/** What the window teaches before there is anything to watch. */
export function EmptyState() {
  const choose = useChooseTorrents();
  return (
    <section className="empty" data-testid="empty-state">
      <div className="empty-card">
        <div className="empty-emblem" aria-hidden="true">
          <span className="empty-ring" />
          <span className="empty-ring" />
          <span className="empty-ring" />
          <FileDown className="empty-icon" size={26} strokeWidth={1.6} />
        </div>
        <h2>{say.frame.emptyTitle}</h2>
        <p>{say.frame.emptyText}</p>
        <Button look="primary" onClick={choose} data-testid="empty-open">
          {say.frame.chooseFiles} <kbd>{shortcut("O")}</kbd>
        </Button>
        <div className="empty-or">
          <span>{say.frame.or}</span>
        </div>
        <SourceField testId="empty-source" isWide />
      </div>
      <ul className="empty-tour" aria-label={say.frame.tour.title}>
        <Sight icon={Users} words={say.frame.tour.peers} />
        <Sight icon={Grid3x3} words={say.frame.tour.pieces} />
        <Sight icon={MessageCircleQuestion} words={say.frame.tour.reasons} />
      </ul>
    </section>
  );
}

/** One thing that there will be to see. */
function Sight({ icon: Icon, words }: { icon: LucideIcon; words: { readonly title: string; readonly text: string } }) {
  return (
    <li>
      <Icon className="sight-icon" size={16} strokeWidth={1.75} aria-hidden="true" />
      <h3>{words.title}</h3>
      <p>{words.text}</p>
    </li>
  );
}
