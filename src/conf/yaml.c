#include "conf/yaml.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <yaml.h>

struct builder {
        yaml_parser_t parser;
        struct problems *problems;
        struct place file;
        const char *bytes;
        struct node *root;
        struct node *open[TREE_DEPTH_MAX]; /* mappings and sequences whose end has not come */
        size_t depth;
        struct node *pending; /* has its name, waits for its value */
        size_t n_nodes;
        bool more; /* a document is over: another one is too much */
};

struct node *node_free(struct node *node)
{
        if (!node)
                return NULL;
        for (struct node *child = node->first, *next; child; child = next) {
                next = child->next;
                node_free(child);
        }
        free(node->name);
        free(node->text);
        return mfree(node);
}

const char *node_kind_text(const struct node *node)
{
        switch (node->kind) {
        case NODE_SCALAR:
                return *node->text ? "a single value" : "nothing";
        case NODE_SEQUENCE:
                return "a list";
        case NODE_MAPPING:
                return "a mapping";
        }
        return "nothing";
}

static struct place place_at(const struct builder *b, const yaml_mark_t *mark)
{
        struct place place = b->file;

        place.line = (unsigned) mark->line + 1;
        place.column = (unsigned) mark->column + 1;
        return place;
}

static int refuse(struct builder *b, const yaml_mark_t *mark, const char *text)
{
        struct place place = place_at(b, mark);

        problem_error(b->problems, &place, "%s", text);
        return -EBADMSG;
}

/* libyaml's reader tells an offset in bytes; people count lines and characters. */
static struct place place_at_offset(const struct builder *b, size_t offset)
{
        struct place place = b->file;

        place.line = place.column = 1;
        for (size_t i = 0; i < offset; i++) {
                if (b->bytes[i] == '\n') {
                        place.line++;
                        place.column = 1;
                } else if (((unsigned char) b->bytes[i] & 0xC0) != 0x80) {
                        place.column++;
                }
        }
        return place;
}

static int refuse_bytes(struct builder *b)
{
        struct place place = place_at_offset(b, b->parser.problem_offset);

        if (b->parser.problem_value == 0)
                problem_error(b->problems, &place, "a NUL byte; the file must be plain UTF-8 text");
        else if (strstr(b->parser.problem, "control char"))
                problem_error(b->problems, &place, "the control character U+%04X; take it out",
                              (unsigned) b->parser.problem_value);
        else
                problem_error(b->problems, &place, "not UTF-8; save the file in that encoding");
        return -EBADMSG;
}

/* "did not find expected ']' while parsing a flow sequence that starts in line 7" */
static void syntax_report(struct builder *b, const struct place *place)
{
        const yaml_parser_t *parser = &b->parser;
        const char *remedy = "look at the indentation, colons and quotes here and in the line above";
        const char *problem = parser->problem ? parser->problem : "nothing is known about it";

        if (strstr(problem, "cannot start any token"))
                problem_error(
                        b->problems, place,
                        "not valid YAML: a tab, or another character that cannot start a value; indent with "
                        "blanks, and put such a value in quotes");
        else if (parser->context && parser->context_mark.line != parser->problem_mark.line)
                problem_error(b->problems, place, "not valid YAML (%s %s that starts in line %zu); %s",
                              problem, parser->context, parser->context_mark.line + 1, remedy);
        else
                problem_error(b->problems, place, "not valid YAML (%s); %s", problem, remedy);
}

static int refuse_syntax(struct builder *b)
{
        struct place place = place_at(b, &b->parser.problem_mark);

        if (b->parser.error == YAML_MEMORY_ERROR)
                return -ENOMEM;
        if (b->parser.error == YAML_READER_ERROR)
                return refuse_bytes(b);
        syntax_report(b, &place);
        return -EBADMSG;
}

/* A scalar's bytes as a string. */
static int text_dup(struct builder *b, const yaml_event_t *event, char **ret)
{
        const char *value = (const char *) event->data.scalar.value;
        size_t length = event->data.scalar.length;

        if (memchr(value, '\0', length))
                return refuse(b, &event->start_mark, "a text with a NUL in it; take the \\0 out");
        char *copy = strdup(value); /* libyaml ends it with a NUL of its own */
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

static int node_new(struct builder *b, struct node **ret)
{
        struct node *node = calloc(1, sizeof(*node));

        if (!node)
                return -ENOMEM;
        b->n_nodes++;
        *ret = node;
        return 0;
}

static struct node *parent_of(struct builder *b)
{
        return b->depth > 0 ? b->open[b->depth - 1] : NULL;
}

static bool name_expected(struct builder *b)
{
        const struct node *parent = parent_of(b);

        return parent && parent->kind == NODE_MAPPING && !b->pending;
}

static void child_append(struct node *parent, struct node *child)
{
        if (parent->last)
                parent->last->next = child;
        else
                parent->first = child;
        parent->last = child;
        parent->n++;
}

/* The value that starts with `event`, hung into the tree. */
static int value_begin(struct builder *b, const yaml_event_t *event, enum node_kind kind, struct node **ret)
{
        struct node *node = b->pending;

        if (b->n_nodes >= TREE_NODES_MAX)
                return refuse(b, &event->start_mark,
                              "more values than a configuration may have; split the file");
        if (!node) {
                int r = node_new(b, &node);
                if (r < 0)
                        return r;
        }
        b->pending = NULL;
        node->kind = kind;
        node->place = place_at(b, &event->start_mark);
        if (b->depth > 0)
                child_append(parent_of(b), node);
        else
                b->root = node;
        *ret = node;
        return 0;
}

static int on_scalar(struct builder *b, const yaml_event_t *event)
{
        struct node *node;
        int r;

        if (name_expected(b)) {
                r = node_new(b, &b->pending);
                if (r < 0)
                        return r;
                b->pending->name_place = place_at(b, &event->start_mark);
                return text_dup(b, event, &b->pending->name);
        }
        _cleanup_free_ char *text = NULL;
        r = text_dup(b, event, &text);
        if (r < 0)
                return r;
        r = value_begin(b, event, NODE_SCALAR, &node);
        if (r < 0)
                return r;
        node->text = TAKE(text);
        return 0;
}

static int on_start(struct builder *b, const yaml_event_t *event, enum node_kind kind)
{
        struct node *node;

        if (name_expected(b))
                return refuse(b, &event->start_mark,
                              "a list or mapping where a name should be; put names in quotes "
                              "if they hold brackets or braces");
        if (b->depth == TREE_DEPTH_MAX)
                return refuse(b, &event->start_mark, "nested too deeply; no setting is");
        int r = value_begin(b, event, kind, &node);
        if (r < 0)
                return r;
        b->open[b->depth++] = node;
        return 0;
}

static int node_compare(const void *a, const void *b)
{
        const struct node *x = *(const struct node *const *) a, *y = *(const struct node *const *) b;
        int r = strcmp(x->name, y->name);

        if (r != 0)
                return r;
        if (x->name_place.line != y->name_place.line)
                return x->name_place.line < y->name_place.line ? -1 : 1;
        return x->name_place.column < y->name_place.column ? -1 : 1;
}

/* Take all but the first of equal names, which stand together in `sorted`, out of the mapping. */
static void doubled_drop(struct builder *b, struct node *mapping, struct node **sorted)
{
        const struct node *first = sorted[0];
        size_t n = mapping->n;
        char quoted[QUOTE_MAX];

        for (size_t i = 1; i < n; i++) {
                if (strcmp(first->name, sorted[i]->name) != 0) {
                        first = sorted[i];
                        continue;
                }
                problem_error(b->problems, &sorted[i]->name_place,
                              "“%s” is there twice, first in line %u, column %u; keep one of them",
                              problem_quote(first->name, quoted), first->name_place.line,
                              first->name_place.column);
                free(sorted[i]->name);
                sorted[i]->name = NULL;
        }
        struct node *child = mapping->first;
        mapping->first = mapping->last = NULL;
        mapping->n = 0;
        for (struct node *next; child; child = next) {
                next = child->next;
                child->next = NULL;
                if (child->name)
                        child_append(mapping, child);
                else
                        node_free(child);
        }
}

static int on_end(struct builder *b)
{
        struct node *node = b->open[--b->depth];

        if (node->kind != NODE_MAPPING || node->n < 2)
                return 0;
        _cleanup_free_ struct node **sorted = calloc(node->n, sizeof(struct node *));
        if (!sorted)
                return -ENOMEM;
        size_t i = 0;
        for (struct node *child = node->first; child; child = child->next)
                sorted[i++] = child;
        qsort(sorted, node->n, sizeof(struct node *), node_compare);
        doubled_drop(b, node, sorted);
        return 0;
}

/* What only YAML's more inventive users need. */
static int refuse_extras(struct builder *b, const yaml_event_t *event)
{
        const yaml_char_t *anchor = NULL, *tag = NULL;

        if (event->type == YAML_ALIAS_EVENT)
                anchor = event->data.alias.anchor;
        else if (event->type == YAML_SCALAR_EVENT)
                anchor = event->data.scalar.anchor, tag = event->data.scalar.tag;
        else if (event->type == YAML_SEQUENCE_START_EVENT)
                anchor = event->data.sequence_start.anchor, tag = event->data.sequence_start.tag;
        else if (event->type == YAML_MAPPING_START_EVENT)
                anchor = event->data.mapping_start.anchor, tag = event->data.mapping_start.tag;
        if (anchor)
                return refuse(b, &event->start_mark,
                              "anchors (&) and aliases (*) are not taken; write the value out");
        if (tag)
                return refuse(b, &event->start_mark, "tags (!) are not taken; write the plain value");
        if (event->type == YAML_DOCUMENT_START_EVENT && b->more)
                return refuse(b, &event->start_mark, "a second document; keep one per file");
        return 0;
}

static int on_event(struct builder *b, const yaml_event_t *event)
{
        int r = refuse_extras(b, event);

        if (r < 0)
                return r;
        switch (event->type) {
        case YAML_SCALAR_EVENT:
                return on_scalar(b, event);
        case YAML_SEQUENCE_START_EVENT:
                return on_start(b, event, NODE_SEQUENCE);
        case YAML_MAPPING_START_EVENT:
                return on_start(b, event, NODE_MAPPING);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                return on_end(b);
        case YAML_DOCUMENT_END_EVENT:
                b->more = true;
                return 0;
        default: /* the stream's start and end, a document's start; aliases were refused */
                return 0;
        }
}

static int build(struct builder *b)
{
        for (;;) {
                yaml_event_t event;

                if (!yaml_parser_parse(&b->parser, &event))
                        return refuse_syntax(b);
                bool last = event.type == YAML_STREAM_END_EVENT;
                int r = on_event(b, &event);
                yaml_event_delete(&event);
                if (r < 0 || last)
                        return r;
        }
}

int tree_parse(const char *bytes, size_t size, const struct place *place, struct problems *problems,
               struct node **ret)
{
        struct builder b = { .problems = problems, .file = *place, .bytes = bytes };

        if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { /* some editors' mark of UTF-8 */
                b.bytes += 3;
                size -= 3;
        }
        if (!yaml_parser_initialize(&b.parser))
                return -ENOMEM;
        yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&b.parser, (const unsigned char *) b.bytes, size);
        int r = build(&b);
        yaml_parser_delete(&b.parser);

        node_free(b.pending);
        if (r < 0) {
                node_free(b.root);
                return r;
        }
        *ret = b.root;
        return 0;
}
