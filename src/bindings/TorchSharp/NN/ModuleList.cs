using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A list of modules, registered as 0, 1, ...</summary>
    /// <typeparam name="T">The kind of module.</typeparam>
    public class ModuleList<T> : nn.Module, IList<T>
        where T : nn.Module
    {
        private readonly List<T> list = [];

        /// <summary>A list of the given modules.</summary>
        public ModuleList(params T[] modules)
            : base(nameof(ModuleList<T>))
        {
            foreach (T m in modules)
            {
                Add(m);
            }
        }

        /// <summary>The number of modules.</summary>
        public int Count => list.Count;

        /// <summary>False: modules can be added.</summary>
        public bool IsReadOnly => false;

        /// <summary>A module by its position.</summary>
        public T this[int index]
        {
            get => list[index];
            set => throw new NotSupportedException("a registered module cannot be exchanged");
        }

        /// <summary>Adds a module at the end.</summary>
        public void Add(T item)
        {
            register_module(list.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), item);
            list.Add(item);
        }

        /// <summary>Adds modules at the end.</summary>
        public void append(params T[] parameters) => extend(parameters);

        /// <summary>Adds modules at the end.</summary>
        public void extend(IEnumerable<T> modules)
        {
            foreach (T m in modules)
            {
                Add(m);
            }
        }

        /// <summary>Not possible: a registered module stays.</summary>
        public void Clear() => throw new NotSupportedException("a registered module cannot be removed");

        /// <summary>Whether the module is in the list.</summary>
        public bool Contains(T item) => list.Contains(item);

        /// <summary>Copies the list.</summary>
        public void CopyTo(T[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);

        /// <summary>The modules in order.</summary>
        public IEnumerator<T> GetEnumerator() => list.GetEnumerator();

        /// <summary>The module's position, or -1.</summary>
        public int IndexOf(T item) => list.IndexOf(item);

        /// <summary>Possible at the end only.</summary>
        public void Insert(int index, T item)
        {
            if (index != list.Count)
            {
                throw new NotSupportedException("a registered module keeps its position");
            }

            Add(item);
        }

        /// <summary>Not possible: a registered module stays.</summary>
        public bool Remove(T item) => throw new NotSupportedException("a registered module cannot be removed");

        /// <summary>Not possible: a registered module stays.</summary>
        public void RemoveAt(int index) => throw new NotSupportedException("a registered module cannot be removed");

        /// <inheritdoc/>
        IEnumerator IEnumerable.GetEnumerator() => list.GetEnumerator();
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A list of modules.</summary>
            public static Modules.ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            /// <summary>A list of modules of one kind.</summary>
            public static Modules.ModuleList<T> ModuleList<T>(params T[] modules)
                where T : Module
                => new(modules);
        }
    }
}
