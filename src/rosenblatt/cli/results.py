"""`results`: the README's tables and figures, from the results kept as JSON."""

import argparse

from rosenblatt.cli.output import Output, add_json_option


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `results`."""
    parser = subparsers.add_parser(
        "results",
        help="make the README's tables and figures from kept results",
        description="Read report/results/*.json, as evaluate, submit and curve write them with "
        "--json; put the table into README.md, draw error against time and training rows, and "
        "write each shipped recipe's result beside it, where `recipes` finds it. The table of the "
        "gallery is made from report/gallery/*.json.",
        epilog="example: %(prog)s, after evaluate data/digits --json report/results/digits.json",
    )
    add_json_option(parser)
    parser.set_defaults(run=results)


def results(arguments: argparse.Namespace) -> int:
    """Renew table, figures and the recipes' results; return 0."""
    from rosenblatt.data.toml import read_toml
    from rosenblatt.report import gallery_table
    from rosenblatt.report.results import keep_beside_recipes, read_results, section, update_readme
    from rosenblatt.report.tradeoffs import draw_tradeoffs

    output = Output(arguments.json)
    report = arguments.project / "report"
    folder = report / "results"
    found = read_results(folder)
    published = read_toml(report / "published.toml")
    drawn = draw_tradeoffs(folder, found, published)
    text = section(folder)
    output.say_lines(text)
    systems = gallery_table.table(report / "gallery")
    output.say_lines(systems)
    readme = arguments.project / "README.md"
    update_readme(readme, text)
    update_readme(readme, systems, gallery_table.MARKS)
    written = [*drawn, *keep_beside_recipes(found), readme]
    for path in written:
        output.say(f"{path}: written")
    output.figures({"results": found, "written": [str(path) for path in written]})
    return 0
