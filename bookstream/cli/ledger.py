"""`bookstream ledger`: the proof that the ledger is as it was written, and balances at any past instant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from bookstream import history
from bookstream.cli.cluster import cluster
from bookstream.cli.output import JsonOption, console, errors, print_json, table
from bookstream.cli.replay import event_time
from bookstream.money.noted import noted_tips
from bookstream.money.proving import PartitionProof, prove
from bookstream.money.reading import HistoryLedger, LedgerSource, TopicLedger
from bookstream.money.signing import PRIVATE_KEY_FILE, PUBLIC_KEY_FILE, CheckpointSigner, pinned_keys
from bookstream.partitioner import partition_for
from bookstream.reading import PartitionReader
from bookstream.settings import settings
from bookstream.topics import PARTITIONS
from domain.money.entry import as_of

app = typer.Typer(help="Prove the ledger, and show balances at any past instant.", no_args_is_help=True)

HistoryOption = Annotated[bool, typer.Option("--history", help="from ClickHouse alone, without Kafka")]
END_OF_TIME = 2**63 - 1


@app.command("verify")
def verify(
    *,
    from_history: HistoryOption = False,
    key: Annotated[
        str,
        typer.Option(
            help="public keys that are trusted, comma between: PEM files, PEMs or 64 hexadecimal digits; "
            "unset: BOOKSTREAM_LEDGER_PUBLIC_KEYS, else ledger.public.pem in the data directory"
        ),
    ] = "",
    noted: Annotated[
        Path | None,
        typer.Option(help="file with what an earlier `--json` printed: what it proved must still be there"),
    ] = None,
    signed: Annotated[
        bool, typer.Option("--signed", help="entries that are not yet under a signature count as wrong, too")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Prove offline that no entry of the ledger was changed, removed or inserted, and name the first that was.

    Needs the entries, the checkpoints and a pinned public key, and believes nothing else. What comes after the last
    checkpoint is linked, but its end could be missing: `signed` says how far signatures go. Exit code 0: proved; 1:
    something was done to the ledger; 2: no key, or it is none; 3: no broker or no history.

    Example: bookstream ledger verify --history --key auditor/ledger.public.pem --json
    """
    verifier = pinned_keys(settings(), key)
    tips = noted_tips(noted) if noted is not None else {}
    with errors.status("verifying") as status, _ledger(from_history=from_history) as ledger:
        step: Callable[[str], None] = lambda text: status.update(f"verifying {text}")  # noqa: E731 - a callback
        proofs = prove(ledger, range(PARTITIONS), verifier.trusts, tips, step)
    wrong = [proof for proof in proofs if proof.fault is not None or (signed and proof.unsigned)]
    if json:
        print_json({"ok": not wrong, "entries": sum(proof.verdict.entries for proof in proofs),
                    "trusted": verifier.key_ids, "partitions": [_as_json(proof) for proof in proofs]})  # fmt: skip
    else:
        _show(proofs, ok=not wrong)
    if wrong:
        raise typer.Exit(1)


@app.command("balances")
def balances(
    customer: Annotated[str, typer.Argument(help="the customer's id")],
    *,
    at: Annotated[str, typer.Option(help="as they stood at this time, ISO 8601, UTC; unset: now")] = "",
    from_history: HistoryOption = False,
    json: JsonOption = False,
) -> None:
    """Sum a customer's entries into the balance of each ledger account that they move, in minor units.

    Entries of the instant itself are in it. `bookstream ledger verify` proves the entries. Exit code 0: shown; 1: the
    customer had no entry then; 2: the time is none; 3: no broker or no history.

    Example: bookstream ledger balances alice --at 2026-05-01T00:00
    """
    until = event_time(at)
    limit = END_OF_TIME if until is None else until
    partition = partition_for(customer.encode(), PARTITIONS)
    with errors.status("reading the ledger"), _ledger(from_history=from_history) as ledger:
        entries = [each for each in ledger.entries(partition)
                   if each.customer_id == customer and each.occurred_at <= limit]  # fmt: skip
    sums = as_of(entries, limit)
    currencies = sorted({entry.currency for entry in entries if entry.postings})
    if json:
        print_json({"customer": customer, "at": at or None, "entries": len(entries), "currency": currencies,
                    "balances": dict(sorted(sums.items()))})  # fmt: skip
    elif entries:
        title = f"{customer}, {at or 'now'}, minor units of {', '.join(currencies) or 'nothing'}"
        table(escape(title), ("account", "balance"), sorted(sums.items()))
    if not entries:
        errors.print(f"no entry of {escape(customer)}" + (f" up to {escape(at)}" if at else ""), highlight=False)
        raise typer.Exit(1)


@app.command("new-key")
def new_key(
    directory: Annotated[Path | None, typer.Argument(help="where to; unset: the data directory")] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Make the key that signs the ledger, in two new PEM files; `bookstream up` makes its own.

    The private file is for the accounts worker (BOOKSTREAM_LEDGER_KEY) alone, the public one for whoever verifies. Exit
    code 2: a file is there already, or cannot be written.

    Example: bookstream ledger new-key keys/
    """
    folder = directory or settings().data_dir
    signer = CheckpointSigner.generate()
    private, public = folder / PRIVATE_KEY_FILE, folder / PUBLIC_KEY_FILE
    signer.write(private, public)
    if json:
        print_json({"key_id": signer.key_id, "private": str(private), "public": str(public)})
    else:
        console.print(f"key {signer.key_id}: {escape(str(private))} signs, {escape(str(public))} verifies")


@contextmanager
def _ledger(*, from_history: bool) -> Iterator[LedgerSource]:
    if from_history:
        yield HistoryLedger(lambda sql: history.ask(settings(), sql))
        return
    address, security = cluster()
    with PartitionReader(address, security) as reader:
        yield TopicLedger(reader)


def _as_json(proof: PartitionProof) -> dict[str, Any]:
    verdict, fault = proof.verdict, proof.fault
    return {
        "partition": verdict.partition, "entries": verdict.entries, "repeats": verdict.repeats,
        "unchained": proof.unchained, "checkpoints": verdict.checkpoints, "signed": verdict.signed,
        "signed_at": _time(proof.signed_at), "unsigned": proof.unsigned, "last": verdict.tip.sequence,
        "hash": verdict.tip.hash.hex(), "previous": verdict.tip.previous.hex(),
        "fault": None if fault is None else {
            "kind": str(fault.kind), "sequence": fault.sequence, "entry_id": fault.entry_id, "said": fault.said,
        },
    }  # fmt: skip


def _show(proofs: list[PartitionProof], *, ok: bool) -> None:
    names = ("partition", "entries", "repeats", "unchained", "checkpoints", "signed up to", "signed at", "unsigned")
    rows = [
        (each.verdict.partition, each.verdict.entries, each.verdict.repeats, each.unchained, each.verdict.checkpoints,
         each.verdict.signed, _time(each.signed_at) or "never", each.unsigned)
        for each in proofs
    ]  # fmt: skip
    table("The ledger's chains", names, rows)
    for proof in proofs:
        if (fault := proof.fault) is not None:
            entry = f"entry {fault.sequence}" + (f", {fault.entry_id}" if fault.entry_id else "")
            text = f"partition {proof.verdict.partition}, {entry}: {fault.said}"
            console.print(f"[red]{fault.kind}[/] {escape(text)}", highlight=False)
    unsigned, unchained = sum(each.unsigned for each in proofs), sum(each.unchained for each in proofs)
    if unsigned:
        console.print(f"[yellow]{unsigned:,} entries are linked and not under a signature yet[/]")
    if unchained:
        console.print(f"[yellow]{unchained:,} entries are of before there was a chain: nothing proves them[/]")
    entries = sum(proof.verdict.entries for proof in proofs)
    verdict = "[green]proved[/]" if ok else "[red]not proved[/]"
    console.print(f"{verdict}: {entries:,} entries of {len(proofs)} partitions")


def _time(at: int) -> str | None:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat() if at else None
